import type * as T from './generated';

const preset = (id: string, name: string, base_url: string, model: string): T.ModelPreset => ({
  id,
  name,
  base_url,
  model,
  flavour: id === 'azure' ? 'azure' : id === 'central' ? 'server' : 'open_ai',
  api_version: id === 'azure' ? '2024-10-21' : '',
  needs_key: base_url.startsWith('https'),
});

export const PRESETS: T.ModelPreset[] = [
  preset('central', 'Server van uw organisatie', '', ''),
  preset('openai', 'OpenAI', 'https://api.openai.com/v1', 'gpt-4o'),
  preset('azure', 'Azure OpenAI', 'https://<naam>.openai.azure.com', '<deployment>'),
  preset('ollama', 'Ollama (deze computer)', 'http://localhost:11434/v1', ''),
];

export const invalid = (field: string): T.UserError => ({
  code: 'BG-110',
  message: {
    nl: 'Een instelling klopt niet; er is niets bewaard.',
    en: 'A setting is wrong; nothing was kept.',
  },
  action: {
    nl: 'Verbeter het veld dat bij het detail staat.',
    en: 'Correct the field that the detail names.',
  },
  detail: field,
});

/** Refuses what the program refuses first. */
export function refuse({ model }: T.Settings): void {
  if (!/^(https?:\/\/|$)/.test(model.base_url)) throw invalid('model.base_url');
  if (model.base_url && !model.model) throw invalid('model.model');
}

const fine = (name: string, found: string): T.DoctorCheck => ({
  name,
  ok: true,
  found,
  error: null,
});

export const STEPS: T.DoctorCheck[] = [
  fine('settings', 'De instellingen kloppen.'),
  fine('address', '127.0.0.1 antwoordt.'),
  fine('key', 'De toegang is in orde.'),
  fine('model', 'Het model ‘begrip-demo’ antwoordt.'),
  fine('answer', 'Het eerste woord kwam na 80 ms.'),
];

export const DOCTOR: T.DoctorCheck[] = [
  fine('store', '3 begrippen; het bestand is ongeschonden.'),
  fine('key', 'De sleutel staat in de sleutelbos van deze computer.'),
  fine('rules', '3 regels, versie 1.'),
  fine('cache', '3 bewaarde antwoorden, 2 kB.'),
  fine('model', 'begrip-demo op 127.0.0.1.'),
];
