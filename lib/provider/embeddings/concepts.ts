/**
 * Words that mean about the same in everyday questions, one group a line; the first word names the group. Written for
 * this project. Words in no group stand for themselves.
 */
const GROUPS = `
account profile login-account membership
address location place whereabouts
admin administrator owner
agreement contract terms policy
allow permit enable authorize let
answer reply respond response
appointment booking reservation slot meeting
arrive come reach delivered
ask request inquire query question
bad poor wrong faulty broken defective damaged
begin start launch initiate commence
big large huge great
bill invoice receipt statement
block ban suspend lock freeze
bonus reward points credit
buy purchase order acquire
call phone ring dial telephone
cancel terminate stop discontinue end quit
car vehicle automobile
card creditcard debit visa mastercard
change modify alter edit switch
cheap inexpensive affordable low-cost
check verify confirm validate
child kid children
choose pick select
city town
clean wash tidy
clear plain obvious
client customer buyer shopper user
close shut
cloth clothes clothing garment
coat jacket
cold chilly freezing
combine merge join unite
company firm business organisation organization employer
compare contrast
complaint grievance
computer laptop pc machine
cook prepare bake
cost price fee charge rate tariff
country nation
crash hang freeze-up fail failure error malfunction
create make build generate produce
date day
decrease reduce lower cut shrink
delay late overdue
delete remove erase wipe discard
deliver ship send dispatch post
delivery shipment shipping package parcel
describe explain clarify
device gadget appliance
dinner supper meal
discount voucher coupon promo rebate
doctor physician
document file paper
download fetch get obtain retrieve
early soon quick quickly fast rapid swift
easy simple
email mail e-mail inbox
enter type input
exchange swap trade
expensive costly dear
expire lapse
extend prolong lengthen renew renewal
fault defect flaw bug issue problem trouble
film movie
find locate search
finish complete conclude
fix repair mend solve resolve
flat apartment
flight plane airplane
forget lose lost misplace forgotten
free gratis complimentary
glass cup
goods item product article merchandise
group team crew
guarantee warranty
guide manual instruction tutorial
happen occur
help assist support aid
hire employ recruit
holiday vacation leave
home house
hotel accommodation lodging
hour opening-hour
hurt injure
improve enhance better
include contain
increase raise grow up
info information detail
install setup configure
job work position role
join enrol enroll register signup subscribe
language tongue
learn study
letter note message
limit cap maximum quota
list enumerate
loan mortgage lending
meet gather
money cash fund payment-amount
month monthly
move relocate transfer
name title
near close-by nearby
need require want
new recent latest
night evening
number amount quantity count
old former previous
open unlock
owe debt due
own possess have
parent mother father
password passcode pin credential
pay settle payment paid
person people human
phone mobile cell smartphone
photo picture image
plan scheme package-plan tier
possible can able could
present gift
privacy confidentiality
program app application software
promise pledge
protect secure safe security
provide supply offer give
put place-in
rain wet
read view see look watch
receive get-back got
recommend suggest advise propose
refund reimburse repay money-back moneyback
reject refuse decline deny
remember recall
rent lease
report notify inform tell
reset restore recover
restaurant cafe diner
return send-back give-back
room space
road street
rule regulation
salary wage pay-check
save store keep
school college university
seat chair
sell vend
share distribute
shop store-shop outlet
short brief concise
show display present-show
sick ill unwell
sign log
size dimension measure
sleep rest
slow sluggish
small little tiny
speak talk chat
station stop-station
steal theft stolen
stop halt
storage capacity disk
subscription plan-subscription
summary summarise summarize condense digest
talk conversation
tax vat duty
teacher tutor instructor
test exam trial
throw toss
ticket pass
time duration period long
train railway
translate translation
travel trip journey
try attempt
turn rotate
understand grasp
update upgrade refresh
upload submit attach
use employ-use utilise utilize
verify authenticate
visit attend
wait queue
walk stroll
warm hot
way method manner
weather forecast climate
website site page webpage
week weekly
weekend saturday sunday
weight mass
window pane
word term
write compose draft
year annual yearly
young junior
`;

const GROUP_OF = new Map(
  GROUPS.trim()
    .split('\n')
    .flatMap((line) => {
      const words = line.split(' ');
      return words.map((word) => [stem(word), `group ${words[0]}`] as const);
    })
    // A word in two groups belongs to the first.
    .reverse(),
);

/** The group that a word belongs to, or its stem. */
export function conceptOf(word: string): string {
  const root = stem(word);
  return GROUP_OF.get(root) ?? root;
}

/** Cuts common English endings. Crude on purpose: related words should meet, and some others do too. */
export function stem(word: string): string {
  if (word.length <= 3) return word;
  return word
    .replace(/ies$/, 'y')
    .replace(/(?:sses|shes|ches|xes)$/, (end) => end.slice(0, -2))
    .replace(/([^s])s$/, '$1')
    .replace(/(?:ings?|edly|ed|ly|ment|ation)$/, (end, at: number) => (at >= 3 ? '' : end))
    .replace(/([b-df-hj-km-np-rtv-z])\1$/, '$1')
    .replace(/([^aeiou])e$/, '$1');
}
