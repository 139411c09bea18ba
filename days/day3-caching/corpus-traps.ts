/** Questions that differ in one word or figure and have another answer for each: `{}` is where the values go. */
export interface Trap {
  kind: 'number' | 'date' | 'name' | 'polarity' | 'negation';
  name: string;
  values: readonly string[];
  questions: readonly string[];
}

/** Written for this workbook. For each trap every value is an intent of its own. */
export const TRAPS: readonly Trap[] = [
  {
    kind: 'number',
    name: 'seats',
    values: ['5', '50', '15'],
    questions: [
      'What does the plan cost for {} seats?',
      'Price of the plan with {} seats?',
      'How much do I pay for {} seats?',
      'We need {} seats, what is the price?',
      'cost for {} seats',
      'Tell me the price for {} seats',
    ],
  },
  {
    kind: 'number',
    name: 'payment-days',
    values: ['14', '30', '60'],
    questions: [
      'How do I set payment terms of {} days?',
      'I want invoices to be due in {} days',
      'Can my customers pay within {} days?',
      'Set payment terms to {} days',
      'payment term {} days',
      'Where do I enter {} days for payment?',
    ],
  },
  {
    kind: 'number',
    name: 'error-code',
    values: ['402', '429', '503'],
    questions: [
      'What does error {} mean?',
      'I get error {}, why?',
      'Your API returns error {}',
      'error code {}',
      'How do I fix error {}?',
      'The app shows error {}',
    ],
  },
  {
    kind: 'date',
    name: 'invoice-month',
    values: ['March', 'April', 'May'],
    questions: [
      'Why was my invoice of {} so high?',
      'My {} bill is higher than usual',
      'Can you explain the invoice for {}?',
      'invoice {} too high',
      'What is on the bill of {}?',
      'Please check my invoice for {}',
    ],
  },
  {
    kind: 'date',
    name: 'holiday-support',
    values: ['Monday', 'Friday', 'Sunday'],
    questions: [
      'Is support open on {}?',
      'Can I reach you on {}?',
      'Are you available on {}?',
      'support on {}',
      'When do you close on {}?',
      'What are the hours on {}?',
    ],
  },
  {
    kind: 'name',
    name: 'integration',
    values: ['Shopify', 'Etsy', 'Stripe'],
    questions: [
      'How do I connect {}?',
      'Can I link my {} account?',
      'Is there an integration with {}?',
      'connect {}',
      'I want to import orders from {}',
      'What are the steps to integrate {}?',
    ],
  },
  {
    kind: 'name',
    name: 'plan-price',
    values: ['Basic', 'Pro', 'Team'],
    questions: [
      'How much does the {} plan cost?',
      'What is the price of the {} plan?',
      '{} plan price',
      'What do I pay for {}?',
      'Tell me the cost of {}',
      'Is {} expensive?',
    ],
  },
  {
    kind: 'polarity',
    name: 'notifications',
    values: ['on', 'off'],
    questions: [
      'How do I turn notifications {}?',
      'I want to switch notifications {}',
      'Can I turn e-mail notifications {}?',
      'turn notifications {}',
      'Where do I switch the notifications {}?',
      'Please turn my notifications {}',
    ],
  },
  {
    kind: 'polarity',
    name: 'plan-change',
    values: ['upgrade', 'downgrade'],
    questions: [
      'How do I {} my plan?',
      'I want to {} to another plan',
      'Can I {} in the middle of the month?',
      '{} plan',
      'What happens when I {}?',
      'Where can I {} our plan?',
    ],
  },
  {
    kind: 'polarity',
    name: 'backup',
    values: ['before', 'after'],
    questions: [
      'Should I make a backup {} the update?',
      'Do I need a backup {} updating?',
      'backup {} update',
      'Is a backup necessary {} an update?',
      'Create the backup {} the upgrade or not?',
      'Must I save a backup {} you update?',
    ],
  },
  {
    kind: 'number',
    name: 'tax-rate',
    values: ['7', '19', '25'],
    questions: [
      'How do I set a tax rate of {} percent?',
      'I need {} percent tax on an invoice',
      'Where do I choose {} percent tax?',
      'tax rate {} percent',
      'Can I bill with {} percent tax?',
      'Set tax to {} percent',
    ],
  },
  {
    kind: 'negation',
    name: 'charged',
    values: ['was', 'was not'],
    questions: [
      'Why {} my card charged?',
      'My card {} charged this month, why?',
      'What is the reason that my card {} charged?',
      'I see that my card {} charged',
      'card {} charged',
      'Explain why our card {} charged',
    ],
  },
  {
    kind: 'negation',
    name: 'contract',
    values: ['with', 'without'],
    questions: [
      'Can I subscribe {} a contract?',
      'Is there a plan {} a yearly contract?',
      'I want a plan {} contract',
      'plan {} contract',
      'What does it cost {} a contract?',
      'Do you sell plans {} a contract?',
    ],
  },
];
