export const nl = {
  'settings.title': 'Instellingen',
} as const;

export const en: Record<keyof typeof nl, string> = {
  'settings.title': 'Settings',
};
