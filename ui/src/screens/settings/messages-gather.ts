export const nl = {
  'settings.gather': 'Wat met de vraag meegaat',
  'settings.passages': 'Artikelen bij een vraag',
  'settings.passages_hint':
    'Van 0 tot en met 10. Meer artikelen kosten meer tokens. Passen meer artikelen even goed, dan gaan er ten hoogste 5 mee.',
  'settings.related': 'Verwante begrippen bij een vraag',
  'settings.related_hint': 'Van 0 tot en met 10.',
  'settings.rerank_model': 'Model dat artikelen ordent (embeddings)',
  'settings.rerank_model_hint':
    'Bijvoorbeeld text-embedding-3-small. Vul de naam in voordat u het ordenen aanzet.',
  'settings.rerank_url': 'Adres van dat model',
  'settings.rerank_url_hint':
    'Leeg: het adres van het taalmodel. Uw sleutel gaat nooit naar een andere server.',
  'settings.rerank': 'Laat een model de gevonden artikelen ordenen',
  'settings.rerank_hint':
    'De term, de context en de gevonden artikelen gaan dan naar dat model; uw notities nooit. Elk artikel gaat één keer. Antwoordt het model niet op tijd, dan blijft de gewone volgorde.',
  'settings.wrong.rerank_model': 'Vul de naam in van een model voor embeddings.',
} as const;

export const en: Record<keyof typeof nl, string> = {
  'settings.gather': 'What goes along with the question',
  'settings.passages': 'Articles with a question',
  'settings.passages_hint':
    'From 0 to 10. More articles take more tokens. When more of them fit equally well, up to 5 go along.',
  'settings.related': 'Related concepts with a question',
  'settings.related_hint': 'From 0 to 10.',
  'settings.rerank_model': 'Model that puts articles in order (embeddings)',
  'settings.rerank_model_hint':
    'For instance text-embedding-3-small. Give its name before you switch this on.',
  'settings.rerank_url': 'Address of that model',
  'settings.rerank_url_hint':
    'Empty: the address of the language model. Your key never goes to another server.',
  'settings.rerank': 'Have a model put the articles that were found in order',
  'settings.rerank_hint':
    'The term, the context and the articles then go to that model; your notes never do. Each article goes once. Without an answer in time the usual order stands.',
  'settings.wrong.rerank_model': 'Give the name of a model of embeddings.',
};
