import { configure } from '@testing-library/dom';

// On a machine that does much else, a page takes its time; what does not come fails all the same.
configure({ asyncUtilTimeout: 10_000 });

// What jsdom lacks and the lab's own modules ask for when they are loaded: drag and drop, media queries, observers of size,
// work for later.
class DragEventStub extends MouseEvent {}

class ResizeObserverStub {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
}

Object.assign(globalThis, {
  DragEvent: DragEventStub,
  ResizeObserver: ResizeObserverStub,
  requestIdleCallback: (work: () => void) => setTimeout(work),
  matchMedia: () => ({
    matches: false,
    addEventListener: () => undefined,
    removeEventListener: () => undefined
  })
});

// New browsers promise the end of a scroll, and React would call what an effect gives back.
Element.prototype.scrollIntoView = () =>
  Promise.resolve() as unknown as undefined;
