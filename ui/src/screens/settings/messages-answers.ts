// The caches, by name.
export const nl = {
  'settings.cache.disk': 'Antwoorden op de schijf',
  'settings.cache.memory': 'Antwoorden in het werkgeheugen',
  'settings.cache.packs': 'Versies van de regels',
  'settings.cache.case_exchanges': 'Vragen met notities, in het werkgeheugen',
  'settings.cache.neighbours': 'Begrippen waarmee teksten zijn vergeleken',
  'settings.cache.word_counts': 'Woorden waarvan bekend is hoe vaak ze voorkomen',
} as const;

export const en: Record<keyof typeof nl, string> = {
  'settings.cache.disk': 'Answers on disk',
  'settings.cache.memory': 'Answers in memory',
  'settings.cache.packs': 'Versions of the rules',
  'settings.cache.case_exchanges': 'Questions with notes, in memory',
  'settings.cache.neighbours': 'Concepts that texts were compared with',
  'settings.cache.word_counts': 'Words of which is known how often they occur',
};
