// jsdom has no drag and drop, which the lab's own modules extend when they are loaded.
class DragEventStub extends MouseEvent {}
Object.assign(globalThis, { DragEvent: DragEventStub });
