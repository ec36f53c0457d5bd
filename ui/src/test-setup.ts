// jsdom has no scrolling; components may ask for it.
Element.prototype.scrollIntoView = () => {};
