// jsdom has no scrolling; components may ask for it.
Element.prototype.scrollIntoView = () => {};

// jsdom knows the element `dialog` but cannot open it.
HTMLDialogElement.prototype.showModal = function () {
  this.open = true;
};
HTMLDialogElement.prototype.close = function () {
  this.open = false;
  this.dispatchEvent(new Event('close'));
};
