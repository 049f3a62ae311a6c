// Moving about in a picture larger than its frame: drag it, or turn the wheel with Ctrl to look closer.

const START_PX = 4;
const STEP = 1.15;

/** Let `frame` be dragged by mouse (a finger scrolls it by itself); `zoom(by, x, y)` is called for the wheel. */
export function moving(frame, zoom) {
  let held = null;

  const down = (event) => {
    if (event.button !== 0 || event.pointerType === "touch") return;
    held = { x: event.clientX, y: event.clientY, left: frame.scrollLeft, top: frame.scrollTop, moved: false };
  };
  const move = (event) => {
    if (!held) return;
    const [x, y] = [event.clientX - held.x, event.clientY - held.y];
    if (!held.moved && Math.hypot(x, y) < START_PX) return;
    held.moved = true;
    frame.classList.add("moving");
    frame.scrollTo(held.left - x, held.top - y);
  };
  const up = () => {
    if (held?.moved) {
      // the click that follows a drag must not open an item
      addEventListener("click", swallow, { capture: true, once: true });
      setTimeout(() => removeEventListener("click", swallow, { capture: true }), 0);
    }
    frame.classList.remove("moving");
    held = null;
  };
  const swallow = (event) => {
    event.preventDefault();
    event.stopPropagation();
  };
  const wheel = (event) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    const box = frame.getBoundingClientRect();
    zoom(event.deltaY < 0 ? STEP : 1 / STEP, event.clientX - box.left, event.clientY - box.top);
  };
  const still = (event) => event.preventDefault();

  frame.addEventListener("pointerdown", down);
  frame.addEventListener("wheel", wheel, { passive: false });
  frame.addEventListener("dragstart", still);
  addEventListener("pointermove", move);
  addEventListener("pointerup", up);
  return () => {
    removeEventListener("pointermove", move);
    removeEventListener("pointerup", up);
  };
}
