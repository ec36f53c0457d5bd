import { configure } from '@testing-library/svelte';

// What is waited for comes at once; a busy machine may take longer, and is not wrong.
configure({ asyncUtilTimeout: 20_000 });

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
