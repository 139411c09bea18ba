/**
 * What customers of an invoicing product ask, written for this workbook: one intent a block, its name on the first line. All
 * questions of an intent have the same answer; no two intents do.
 */
export const PLAIN = `
reset-password
How do I reset my password?
I forgot my password, how can I reset it?
Forgot my passcode, need to restore access
Can you help me reset the password of my login?
I lost my password. How do I get a new one?
Where can I reset a forgotten password?
What are the steps to reset my password
password reset please
I need to restore my lost password
How can I recover my password?

change-email
How do I change my email address?
Can I update the email of my account?
I want to modify my e-mail address
Where do I edit the email for my login?
My email has changed, how do I update it?
Please change the e-mail address of my profile
How to switch my account to a new email
I need to alter the email address on my account
Is it possible to change my e-mail?
change account email

cancel-subscription
How do I cancel my subscription?
I want to terminate my subscription
Can I end my subscription online?
Where do I cancel the subscription?
Please cancel my subscription, I no longer need it
What is the way to discontinue my subscription?
How can I quit my subscription?
cancel subscription
I would like to cancel our subscription
Need to stop my subscription, how?

refund-status
Where is my refund, and when does it arrive?
When will my refund arrive?
I was promised a refund, when do I receive it?
How long does a refund take to arrive?
My refund has not arrived yet, where is it?
When do I get my reimbursed money
Has my refund been sent yet?
How many days until a refund reaches me?
still waiting for my refund
When will I receive the refund?

request-refund
How do I request a refund?
I want a refund for my payment
Can I ask for a refund of last payment?
Please reimburse my payment
How can I get reimbursed for a payment?
I would like to request a refund
Where do I ask for a refund?
Is it possible to request a refund for a payment?
request refund for payment
Can you refund my payment please?

download-invoice
How do I download an invoice as PDF?
Where can I get a PDF of my invoice?
I need to download my bill as a PDF file
Can I retrieve an invoice in PDF format?
Download invoice pdf
How to obtain a PDF of an invoice
Please tell me where to fetch the PDF invoice
I want to save my invoice as PDF
Is there a PDF download for invoices?
Where is the button to download invoices as PDF?

add-team-member
How do I add a member to my team?
Can I invite a colleague to the team?
I want to add a person to our team
How to invite a new team member
Where do I invite people to my group?
Please explain how to add a colleague to my team
invite team member
How can I invite someone to join our team?
What are the steps to add a team member?
I need to invite two people to the team

remove-team-member
How do I remove a member from my team?
I want to delete a colleague from the team
Someone left the company, how do I remove them from the team?
How to remove a team member
Can I take a person off our team?
remove team member
Where do I remove people from my group?
How can I remove someone from our team?
What are the steps to delete a team member?
Please explain how to remove a colleague from my team

export-data
How do I export my data to CSV?
Can I export all records as a CSV file?
I need a CSV export of my data
Where can I export everything to CSV?
How to export data as csv
Is there an export of my data in CSV format?
export csv
Please show me how to export data to a CSV document
I would like to export all my data as CSV
What is the way to get a CSV export?

import-contacts
How do I import my contacts?
Can I import a list of contacts?
I want to import customers and contacts from a file
How to import contacts
Where do I import my contact list?
import contacts from file
Is it possible to import contacts from a spreadsheet?
I need to import contacts from a spreadsheet
What is the way to import my contacts?
Please help me to import a contact list

app-crash
The app crashes when I open it
Your application crashes at start
Why does the app crash every time I open it?
The program crashes as soon as it starts
app keeps crashing
My app fails with a crash when opened
It crashes whenever I open the application
The app freezes and crashes on opening
What can I do when the app crashes?
How do I fix the app crash?

slow-page
Why is the dashboard so slow?
The dashboard is very slow today
My dashboard is sluggish, what can I do?
dashboard loads slowly
The dashboard takes very long, it is slow
Is the dashboard slow for everyone?
How do I fix a slow dashboard?
Your dashboard has become really slow
The dashboard page is terribly slow
What makes the dashboard this slow?

two-factor-lost
I lost the phone with my two-factor codes
My authenticator phone was stolen, how do I log in?
Lost my phone, no two-factor code
How can I sign in without my authenticator phone?
I lost my authenticator
two-factor phone lost
My two-factor device is lost, what now?
How do I recover two-factor after I lost my mobile?
I misplaced the phone with my authenticator
The mobile with my two-factor app was stolen

accepted-cards
Which credit cards do you accept?
Do you accept Visa cards for payment?
What cards can I pay with?
Which cards are accepted?
Can I pay by credit card?
accepted credit cards
What kinds of credit card do you take?
Is a debit card accepted?
Tell me which credit cards are accepted
Do you accept credit cards?

card-declined
Why was my card declined?
My card was rejected
The payment with my card was declined
My credit card got refused, why?
card declined
You declined my credit card
What is the reason my card was rejected?
The card was declined at checkout
Why did you reject my card?
My debit card has been declined

vat-number
How do I add my VAT number?
Where can I enter the VAT number of my company?
I need our VAT number on the bill
Can I put a VAT number on invoices?
Add vat number
How to enter the VAT number of the firm
Please add the VAT number of our company
Where does the VAT number go?
I want to enter my VAT id number
What is the way to add a VAT number to invoices?

change-language
How do I change the language?
Can I switch the language of the app?
I want another language in the app
Where is the language setting?
change language
How to switch to another language
Please tell me where I modify the language
The app has the wrong language, how do I change it?
Is it possible to change the display language?
Which setting changes the language?

delete-account
How do I delete my account?
I want to remove my account for good
Please erase my account and profile
Can I delete my profile myself?
delete account
How to remove my account
Where do I delete my account for ever?
What is the way to delete a profile?
I would like to have my account deleted
I need my account erased

upload-logo
How do I upload our logo?
Where can I add a logo to my invoices?
I want my company logo on the invoices
upload logo
Can I put our logo on the bill?
How to submit a logo for invoices
Is there a place to upload the logo?
What size should the logo have when I upload it?
Please help me to upload a company logo
Our logo should show on invoices, how?

recurring-invoice
How do I set up a recurring invoice?
Can invoices be sent automatically every month?
I want a recurring monthly invoice
recurring invoices
How to create an invoice that repeats
Is there a way to repeat an invoice automatically?
Set up a repeating invoice
I need automatic recurring invoices
Can I schedule a recurring invoice?
How do repeating invoices work?

payment-reminder
How do I send a payment reminder?
My customer has not paid, can I send a reminder?
Can you remind a client of an overdue payment?
send payment reminder
How to remind a customer to pay
I want to send a reminder for an overdue invoice
Is there a reminder for late payment?
Where do I send payment reminders?
What is the way to send an overdue reminder?
Remind my client of the payment

api-key
Where do I find my API key?
How do I create an API key?
I need a key for the API
api key
Can I generate a new API key?
How to get an API key
Where is the API key shown?
Please tell me where API keys are
What is the way to make an API key?
I lost my API key, where can I find one?

webhook-missing
My webhook is not called
Why does my webhook receive nothing?
We get no webhook events
The webhook does not fire
webhook not working
Our webhook endpoint gets no requests
How do I fix a webhook that is never called?
Webhook events are missing
What can be wrong if the webhook is not called?
No webhook arrives at our server

storage-limit
How much storage do I have?
What is the storage limit of my plan?
How many gigabytes of storage are there?
storage quota
Is there a limit for storage?
What is the maximum storage capacity?
Tell me the storage limit
How large is the storage quota?
How big can my storage get?
Which storage limit applies?

support-hours
When is support available?
What are the opening hours of your support?
At what time can I reach support?
support hours
When can I talk to support?
Is your support available at night?
How do I know when support is there?
Which hours is the support team reachable?
Until when is support available today?
What hours does support keep?

phone-support
Can I call you by phone?
What is your phone number?
Do you have a telephone number for support?
I want to talk to a person on the phone
phone number of support
Is there phone support?
Please give me a number to call
How do I reach support by telephone?
Which number do I dial for support?
I need to phone your support

edit-sent-invoice
Can I edit an invoice after it was sent?
How do I correct an invoice that is already sent?
I sent an invoice with an error, can I change it?
edit an invoice already sent
How to modify a sent invoice
Is it possible to alter an invoice after sending?
I need to correct a bill that was already sent
What can I do about a wrong invoice that I have sent?
Change an invoice after it was dispatched
Fix a mistake in a sent invoice

credit-note
How do I create a credit note?
I need to issue a credit note to a customer
Can I make a credit note?
credit note
How to write a credit note
Where do I create credit notes?
What is the way to issue a credit note?
Please help me to generate a credit note
I want to give a client a credit note
Is there a function for credit notes?

currency
Can I invoice in another currency?
How do I choose a foreign currency for an invoice?
I need an invoice in a foreign currency
invoice currency
Which currencies can invoices have?
How to set the currency on a bill
Is it possible to bill in a different currency?
My client pays in a foreign currency, can I invoice that?
Where do I choose the currency for an invoice?
What is the way to invoice in foreign currency?

bank-connection
How do I connect my bank account?
Can I link my bank?
I want to connect the bank to the app
connect bank account
Where do I link a bank account?
How to add my bank connection
Please explain how I connect to my bank
Is it possible to link our company bank account?
What are the steps to connect a bank?
I need to set up the bank connection

receipt-photo
Can I take a photo of a receipt?
How do I scan a receipt with my phone?
I want to upload a picture of a receipt
scan receipt photo
How to photograph a receipt with the app
Where do I add a photo of receipts?
Is it possible to scan receipts with the camera?
What is the way to add a receipt by photo?
Upload receipt image
I have a paper receipt, can I photograph it?

year-end-report
How do I get the annual report for my accountant?
Where is the yearly report?
I need the report of the whole year for taxes
annual report
Can I create a yearly report for the tax office?
How to generate the year-end report
My accountant needs the annual report
What is the way to make an annual report?
Download the yearly report
Where do I find a report for the year?

student-discount
Is there a discount for students?
Do students get a discount?
I am a student, can I have a discount?
student discount
What is the discount for students?
Do you offer a student discount?
How do I get the student discount?
Can a student pay less?
Which discount do students receive?
Is there a voucher for students?

nonprofit-discount
Is there a discount for charities?
Do charities get a discount?
We are a charity, can we have a discount?
charity discount
What is the discount for charities?
Do you offer a discount to charities?
How does a charity get the discount?
Can a charity pay less?
Which discount do charities receive?
Is there a voucher for a charity?

free-trial
How long is the free trial?
How many days does the trial last?
What is the duration of the free trial?
trial length
When does my trial expire?
How much time do I have in the trial?
Is the free trial a month long?
Tell me the length of the trial period
How long can I try it for free?
When is the trial over?

gdpr
Where is my data stored?
In which country are your servers?
Do you keep data in Europe?
data location
Where do you save our data?
Is my data kept inside the EU?
Which country stores our data?
Tell me the location of my data
Where are the servers that store my data?
In which location is the data stored?

mobile-app
Is there a mobile app?
Do you have an app for my phone?
Can I use it on my smartphone?
mobile app
Where do I download the mobile app?
Is an app for smartphones available?
I want to use it on my mobile phone
Does it work on a cell phone?
How do I get the app on my phone?
Which smartphones does the app run on?

print-invoice
How do I print an invoice?
Can I print my invoices?
print invoice
I want to print a bill on paper
How to print an invoice on paper
Where is the print button for invoices?
Is it possible to print an invoice?
I need a printed invoice
What is the way to print invoices?
Please tell me how to print a bill

quote-to-invoice
How do I turn a quote into an invoice?
Can I convert a quote to an invoice?
quote to invoice
I want to make an invoice from an accepted quote
How to create an invoice out of a quote
My quote was accepted, how do I make it an invoice?
Is it possible to convert quotes into invoices?
Where can I turn a quote into a bill?
Convert quote into invoice
What is the way to invoice a quote?

late-fee
Can I add a late fee to overdue invoices?
How do I add a fee for late payment?
I want to add interest to overdue invoices
late fee
How to charge a fee on an overdue bill
Is it possible to bill a late fee?
My customer pays late, may I add an overdue fee?
Where do I set the late fee?
What is the way to add a late payment fee?
Add an overdue fee to an invoice
`;
