/** A part of the page by its name for tests. */
export const byId = (page, id) => page.getByTestId(id);
