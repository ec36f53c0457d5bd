export const nl = {
  'compose.title': 'Opstellen',
} as const;

export const en: Record<keyof typeof nl, string> = {
  'compose.title': 'Draft',
};
