// Drawing a page anew without taking anything from the person before it: typed text, focus, what is open, scrolling.

const TEXTUAL = /^(text|search|url|tel|password|)$/;

/** Mark a field as typed in, until what was typed is saved. `version` and `base` are what the person saw when they began. */
export function typed(field, version, base) {
  if (field.dataset.typed) return;
  field.dataset.typed = "yes";
  field.dataset.version = version;
  field.dataset.base = JSON.stringify(base ?? null);
}

/** Forget that a field was typed in. */
export function settled(field) {
  for (const name of ["typed", "version", "base"]) delete field.dataset[name];
}

/** Whether a page is being drawn anew: browsers tell a field that is taken away that it was changed. */
export const drawing = { now: false };

/** Remember what stands in `element` now; the answer puts it back after the drawing. */
export function kept(element) {
  const fields = [...element.querySelectorAll("[data-typed][data-field]")].map((field) => [field.dataset.field, field.value, { ...field.dataset }]);
  const open = [...element.querySelectorAll("[data-keep]")].map((each) => [each.dataset.keep, each.open, each.scrollLeft, each.scrollTop]);
  const focused = element.contains(document.activeElement) ? document.activeElement : null;
  const held = focused?.dataset.field;
  const range = held && "selectionStart" in focused && TEXTUAL.test(focused.getAttribute("type") || "") ? [focused.selectionStart, focused.selectionEnd] : null;
  drawing.now = true;
  return () => {
    drawing.now = false;
    for (const [name, value, marks] of fields) {
      const field = element.querySelector(`[data-field="${name}"]`);
      if (field) {
        field.value = value;
        Object.assign(field.dataset, marks);
      }
    }
    for (const [name, wasOpen, left, top] of open) {
      const each = element.querySelector(`[data-keep="${CSS.escape(name)}"]`);
      if (each && wasOpen !== undefined) each.open = wasOpen;
      each?.scrollTo(left, top);
    }
    const field = held && element.querySelector(`[data-field="${held}"]`);
    // what was pressed may be gone; without a place the keyboard would begin at the top of the page
    if (!field) {
      if (focused) document.getElementById("main").focus({ preventScroll: true });
      return;
    }
    field.focus({ preventScroll: true });
    if (range) field.setSelectionRange(...range);
  };
}
