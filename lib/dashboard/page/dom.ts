/** Makes an element. Text is always text: what stands in a record can never become markup. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, string> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

export function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`The page has no element "${id}".`);
  return found;
}

/** A choice with its label. */
export function chooser(label: string, onChoose: (value: string) => void): Chooser {
  const select = make('select');
  select.addEventListener('change', () => onChoose(select.value));
  return {
    field: make('label', { class: 'field' }, label, select),
    set(options, chosen) {
      const same =
        select.options.length === options.length &&
        options.every(([value, text], at) => {
          const old = select.options[at];
          return old?.value === value && old.text === text;
        });
      // An open list must not be rebuilt under the hand of the person who is choosing.
      if (!same) select.replaceChildren(...options.map(([value, text]) => make('option', { value }, text)));
      select.value = chosen;
    },
  };
}

export interface Chooser {
  field: HTMLElement;
  set(options: readonly (readonly [value: string, text: string])[], chosen: string): void;
}
