export const nl = {
  'check.title': 'Toetsen',
  'check.intro':
    'Typ of plak een definitie. De bevindingen veranderen terwijl u typt. Er gaat niets van deze computer af.',
  'check.term': 'Term (mag leeg blijven)',
  'check.definition': 'Definitie',
  'check.marked': 'Uw tekst met gemarkeerde plaatsen',
  'check.taken': 'Uit de definitie gehaald. Zet dit in de toelichting:',
  'check.taken_clear': 'Maak deze lijst leeg',
  'check.not_kept':
    'De tekst is ook te lang om automatisch te bewaren. Sluit u Begrip, dan is deze tekst weg.',
  'check.not_loaded':
    'U kunt gewoon typen en toetsen. Wat u typt, wordt pas bewaard als de eerdere tekst is opgehaald.',
  'check.earlier': 'Er stond hier nog een eerdere tekst:',
  'check.earlier_back': 'Zet de eerdere tekst terug',
  'check.earlier_forget': 'Gooi de eerdere tekst weg',
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
  'check.taken_clear': 'Clear this list',
  'check.not_kept':
    'The text is also too long to be kept automatically. It is gone when you close Begrip.',
  'check.not_loaded':
    'You can type and check. What you type is kept only once the earlier text has been looked up.',
  'check.earlier': 'An earlier text stood here:',
  'check.earlier_back': 'Put the earlier text back',
  'check.earlier_forget': 'Discard the earlier text',
  'check.empty': 'There is no definition to check yet.',
};
