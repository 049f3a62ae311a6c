// Dragging cards with any pointer. Native drag and drop knows no touch; pointer events know all three.

const START_PX = 6;
const HOLD_MS = 250;
const EDGE_PX = 60;

/** Let cards below `board` be dragged onto columns; `dropped(id, status)` is called for each drop elsewhere. */
export function dragging(board, dropped) {
  let held = null;

  const down = (event) => {
    const card = event.target.closest(".card");
    if (!card || event.button !== 0 || held) return;
    held = { card, pointer: event.pointerId, x: event.clientX, y: event.clientY, moving: false, touch: event.pointerType === "touch" };
    // a finger that moves at once scrolls; one that rests first drags
    if (held.touch) held.timer = setTimeout(() => held && begin(), HOLD_MS);
  };

  const begin = () => {
    const box = held.card.getBoundingClientRect();
    held.moving = true;
    held.ghost = held.card.cloneNode(true);
    held.ghost.classList.add("ghost");
    held.ghost.style.width = `${box.width}px`;
    held.offset = { x: held.x - box.left, y: held.y - box.top };
    document.body.append(held.ghost);
    held.card.classList.add("held");
    document.body.classList.add("dragging");
    place(held.x, held.y);
  };

  const place = (x, y) => {
    held.ghost.style.transform = `translate(${x - held.offset.x}px, ${y - held.offset.y}px)`;
    const column = document.elementFromPoint(x, y)?.closest?.(".column");
    if (held.over !== column) {
      held.over?.classList.remove("over");
      column?.classList.add("over");
      held.over = column;
    }
    const edge = board.getBoundingClientRect();
    if (x < edge.left + EDGE_PX) board.scrollLeft -= 12;
    else if (x > edge.right - EDGE_PX) board.scrollLeft += 12;
  };

  const moved = (event) => {
    if (!held || event.pointerId !== held.pointer) return;
    if (!held.moving) {
      const far = Math.hypot(event.clientX - held.x, event.clientY - held.y) > START_PX;
      if (far && held.touch) return end();
      if (!far) return;
      begin();
    }
    event.preventDefault();
    place(event.clientX, event.clientY);
  };

  const up = (event) => {
    if (!held || event.pointerId !== held.pointer) return;
    const { card, over, moving } = held;
    end();
    if (!moving) return;
    // the click that follows a drag must not open the item
    addEventListener("click", swallow, { capture: true, once: true });
    setTimeout(() => removeEventListener("click", swallow, { capture: true }), 0);
    if (over && over !== card.closest(".column")) dropped(card.dataset.id, over.dataset.status);
  };

  const end = () => {
    clearTimeout(held?.timer);
    held?.ghost?.remove();
    held?.card.classList.remove("held");
    held?.over?.classList.remove("over");
    document.body.classList.remove("dragging");
    held = null;
  };

  const escape = (event) => {
    if (event.key === "Escape" && held?.moving) end();
  };
  const swallow = (event) => {
    event.preventDefault();
    event.stopPropagation();
  };
  const steady = (event) => {
    if (held?.moving) event.preventDefault();
  };

  board.addEventListener("pointerdown", down);
  board.addEventListener("dragstart", (event) => event.preventDefault());
  board.addEventListener("touchmove", steady, { passive: false });
  addEventListener("pointermove", moved);
  addEventListener("pointerup", up);
  addEventListener("pointercancel", end);
  addEventListener("keydown", escape);
  return () => {
    end();
    removeEventListener("pointermove", moved);
    removeEventListener("pointerup", up);
    removeEventListener("pointercancel", end);
    removeEventListener("keydown", escape);
  };
}
