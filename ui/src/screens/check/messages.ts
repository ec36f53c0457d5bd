export const nl = {
  'check.title': 'Toetsen',
  'check.intro':
    'Typ of plak een definitie. De bevindingen veranderen terwijl u typt. Er gaat niets van deze computer af.',
  'check.term': 'Term (mag leeg blijven)',
  'check.definition': 'Definitie',
  'check.marked': 'Uw tekst met gemarkeerde plaatsen',
  'check.taken': 'Uit de definitie gehaald. Zet dit in de toelichting:',
  'check.empty': 'Er staat nog geen definitie om te toetsen.',
} as const;

export const en: Record<keyof typeof nl, string> = {
  'check.title': 'Check',
  'check.intro':
    'Type or paste a definition. The findings change while you type. Nothing leaves this computer.',
  'check.term': 'Term (may stay empty)',
  'check.definition': 'Definition',
  'check.marked': 'Your text with the places marked',
  'check.taken': 'Taken out of the definition. Put this in the explanation:',
  'check.empty': 'There is no definition to check yet.',
};
