export const nl = {
  'settings.section.delen': 'Delen',
  'settings.share_what':
    'Met een centrale server deelt u begrippen met andere organisaties. Van uw begrippen gaat alleen mee wat u deelt. Uw notities nooit.',
  'settings.server_url': 'Adres van de centrale server',
  'settings.server_url_hint': 'Bijvoorbeeld https://begrip.organisatie.nl. Leeg is uit.',
  'settings.server_ca': 'Bestand met certificaten (PEM)',
  'settings.server_ca_hint': 'Alleen nodig als uw beheerder dat zegt.',
  'settings.token': 'Toegangssleutel',
  'settings.token_hint':
    'Alleen nodig als u zich niet bij de server kunt aanmelden; dat doet u op het scherm Delen. U krijgt de sleutel van uw beheerder. Begrip toont haar nooit terug.',
  'settings.token_save': 'Sleutel bewaren',
  'settings.token_forget': 'Vergeet de sleutel',
  'settings.token.keyring': 'De sleutel staat in de sleutelbos van deze computer.',
  'settings.token.memory':
    'De sleutel geldt tot u Begrip sluit: deze computer heeft geen sleutelbos.',
  'settings.token.environment':
    'Deze computer bepaalt de sleutel (BEGRIP_SERVER_TOKEN). Wat u hier invult, telt nu niet.',
  'settings.token.none': 'De sleutel is vergeten.',
  'settings.wrong.token': 'Dit is geen toegangssleutel. Plak haar zoals u haar kreeg.',
  'settings.wrong.server_url':
    'Vul een adres in dat met https:// begint, zonder naam of wachtwoord.',
  'settings.central':
    'Uw vragen gaan via de server van uw organisatie, met uw toegangssleutel voor Delen. U hebt geen sleutel van een aanbieder nodig.',
  'settings.central_missing':
    'U hebt nog geen server ingesteld. Vul bij Delen het adres en uw toegangssleutel in.',
  'settings.sync_state': 'Meld u aan of bekijk hoe het delen staat',
  'settings.by_organisation': 'Per organisatie',
  'settings.organisation': 'Organisatie',
  'settings.no_organisation': 'Nog zonder organisatie',
} as const;

export const en: Record<keyof typeof nl, string> = {
  'settings.section.delen': 'Sharing',
  'settings.share_what':
    'With a central server you share concepts with other organisations. Of your concepts only what you share leaves. Your notes never do.',
  'settings.server_url': 'Address of the central server',
  'settings.server_url_hint': 'For instance https://begrip.organisation.nl. Empty is off.',
  'settings.server_ca': 'File with certificates (PEM)',
  'settings.server_ca_hint': 'Only needed when your administrator says so.',
  'settings.token': 'Access token',
  'settings.token_hint':
    'Needed only when you cannot sign in at the server, which you do on the screen Sharing. Your administrator gives it to you. Begrip never shows it again.',
  'settings.token_save': 'Keep the token',
  'settings.token_forget': 'Forget the token',
  'settings.token.keyring': 'The token is in the keyring of this computer.',
  'settings.token.memory': 'The token holds until you close Begrip: this computer has no keyring.',
  'settings.token.environment':
    'This computer determines the token (BEGRIP_SERVER_TOKEN). What you fill in here does not count now.',
  'settings.token.none': 'The token was forgotten.',
  'settings.wrong.token': 'This is no access token. Paste it as you got it.',
  'settings.wrong.server_url':
    'Fill in an address that begins with https://, without a name or password.',
  'settings.central':
    'Your questions go through the server of your organisation, with your token for Sharing. You need no key of a provider.',
  'settings.central_missing':
    'You have not set up a server yet. Fill in its address and your token under Sharing.',
  'settings.sync_state': 'Sign in or see how sharing stands',
  'settings.by_organisation': 'By organisation',
  'settings.organisation': 'Organisation',
  'settings.no_organisation': 'Without an organisation yet',
};
