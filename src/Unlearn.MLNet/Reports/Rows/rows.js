// Searches, sorts and shows the rows of a report. It reads the data in the page, and asks for nothing outside.
(() => {
  'use strict';
  const perPage = 25;
  const data = JSON.parse(document.getElementById('row-data').textContent);
  const bytes = text => Uint8Array.from(atob(text), character => character.charCodeAt(0));
  const floats = text => new Float32Array(bytes(text).buffer);
  const count = data.ids.length;
  const values = data.factors.map((_, factor) => floats(data.values[factor]));
  const nearest = new Int32Array(bytes(data.nearest).buffer);
  const unlearners = data.unlearners.map(unlearner => ({
    name: unlearner.name,
    scores: floats(unlearner.scores),
    probabilities: floats(unlearner.probabilities),
    hard: bytes(unlearner.hard),
    contributions: unlearner.contributions && new Int8Array(bytes(unlearner.contributions).buffer),
    scale: unlearner.scale,
  }));
  const byId = new Map(data.ids.map((id, row) => [id, row]));

  const element = (name, properties, ...children) => {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  };
  const find = id => document.getElementById(id);
  const number = value => Number.isNaN(value) ? '–' : Math.abs(value) >= 1e5 || value !== 0 && Math.abs(value) < 1e-3
    ? value.toExponential(2) : String(Number(value.toPrecision(4)));
  const sorted = new Map();
  const place = (column, row) => { // share of the rows that lie below, half of the ties counted
    if (!sorted.has(column)) sorted.set(column, column.filter(value => !Number.isNaN(value)).sort());
    const order = sorted.get(column);
    if (Number.isNaN(column[row]) || order.length === 0) return NaN;
    const bound = isAfter => {
      let [low, high] = [0, order.length];
      while (low < high) {
        const middle = low + high >> 1;
        if (order[middle] < column[row] || isAfter && order[middle] === column[row]) low = middle + 1; else high = middle;
      }
      return low;
    };
    return (bound(false) + bound(true)) / 2 / order.length;
  };
  const percent = share => Number.isNaN(share) ? '–' : `${Math.round(100 * share)} %`;
  const meter = share => {
    const bar = element('i', {});
    bar.style.width = `${Number.isNaN(share) ? 0 : 100 * share}%`;
    return element('div', { className: 'meter' }, bar);
  };
  const className = row => data.classes[data.labels[row]] ?? `class ${data.labels[row]}`;

  const state = { text: '', class: '', unlearner: 0, isHard: false, sort: 'probability', isUp: false, page: 0 };
  const columns = [
    ['id', 'Row', row => row],
    ['class', 'Class', row => data.labels[row]],
    ['score', 'Hardness score', row => unlearners[state.unlearner].scores[row]],
    ['hard', 'Labeled hard', row => unlearners[state.unlearner].hard[row]],
    ['probability', 'Predicted probability', row => unlearners[state.unlearner].probabilities[row]],
  ];

  const found = () => {
    const wanted = state.text.trim().toLowerCase();
    const key = columns.find(column => column[0] === state.sort)[2];
    const value = row => Number.isNaN(key(row)) ? -Infinity : key(row);
    return Array.from({ length: count }, (_, row) => row)
      .filter(row => (state.class === '' || data.labels[row] === Number(state.class))
        && (!state.isHard || unlearners[state.unlearner].hard[row] === 1)
        && (wanted === '' || data.ids[row].toLowerCase().includes(wanted)))
      .sort((a, b) => (state.isUp ? 1 : -1) * (value(a) - value(b)) || a - b);
  };

  const link = row => element('button', { type: 'button', className: 'link', textContent: data.ids[row], onclick: () => show(row, true) });

  const list = () => {
    const rows = found();
    const pages = Math.max(1, Math.ceil(rows.length / perPage));
    state.page = Math.min(state.page, pages - 1);
    const unlearner = unlearners[state.unlearner];
    const head = columns.map(([name, title]) => {
      const isSorted = state.sort === name;
      const header = element('th', { scope: 'col' }, element('button', {
        type: 'button', className: 'link', textContent: `${title}${isSorted ? state.isUp ? ' ▲' : ' ▼' : ''}`,
        onclick: () => {
          Object.assign(state, isSorted ? { isUp: !state.isUp } : { sort: name, isUp: name === 'id' || name === 'class' }, { page: 0 });
          list();
          find('row-table').querySelectorAll('thead button')[columns.findIndex(column => column[0] === name)].focus();
        },
      }));
      header.setAttribute('aria-sort', isSorted ? state.isUp ? 'ascending' : 'descending' : 'none');
      return header;
    });
    find('row-table').replaceChildren(
      element('thead', {}, element('tr', {}, ...head)),
      element('tbody', {}, ...rows.slice(state.page * perPage, (state.page + 1) * perPage).map(row => element('tr', {},
        element('th', { scope: 'row' }, link(row)),
        element('td', { textContent: className(row) }),
        element('td', { textContent: number(unlearner.scores[row]) }),
        element('td', { textContent: unlearner.hard[row] ? 'hard' : '' }),
        element('td', { textContent: number(unlearner.probabilities[row]) })))));
    find('row-count').textContent = rows.length === 0
      ? 'No row is like that.'
      : `${rows.length} of ${count} rows, page ${state.page + 1} of ${pages}, hardness of ${unlearner.name}`;
    find('row-back').disabled = state.page === 0;
    find('row-next').disabled = state.page >= pages - 1;
  };

  const table = (caption, head, lines) => element('div', { className: 'scroll' }, element('table', {},
    element('caption', { textContent: caption }),
    element('thead', {}, element('tr', {}, ...head.map(text => element('th', { scope: 'col', textContent: text })))),
    element('tbody', {}, ...lines.map(([first, ...cells]) => element('tr', {}, element('th', { scope: 'row' }, first),
      ...cells.map(cell => element('td', {}, cell)))))));

  const contribution = (unlearner, row, factor) =>
    unlearner.contributions ? unlearner.contributions[row * data.factors.length + factor] * unlearner.scale / 127 : NaN;

  const show = (row, hasFocus) => {
    const unlearner = unlearners[state.unlearner];
    const factors = data.factors.map((_, factor) => factor).sort((a, b) =>
      Math.abs(contribution(unlearner, row, b)) - Math.abs(contribution(unlearner, row, a)) || a - b);
    const page = find('row-page');
    const neighbors = Array.from({ length: data.nearestCount }, (_, i) => nearest[row * data.nearestCount + i]).filter(other => other >= 0);
    page.replaceChildren(
      element('h3', { id: 'row-title', textContent: `Row ${data.ids[row]}: ${className(row)}` }),
      table('Hardness', ['Unlearner', 'Score', 'Rows below', '', 'Label', 'Predicted probability'], unlearners.map(of => [of.name,
        number(of.scores[row]), percent(place(of.scores, row)), meter(place(of.scores, row)), of.hard[row] ? 'hard' : '–', number(of.probabilities[row])])),
      table(`Factors, and what each adds to the prediction for ${unlearner.name}`,
        ['Factor', 'Value', 'Rows below', '', 'Adds'],
        factors.map(factor => {
          const adds = contribution(unlearner, row, factor);
          return [data.factors[factor], number(values[factor][row]), percent(place(values[factor], row)), meter(place(values[factor], row)),
            element('span', { className: adds > 0 ? 'up' : adds < 0 ? 'down' : '', textContent: Number.isNaN(adds) ? '–' : `${adds > 0 ? '+' : ''}${adds.toFixed(2)}` })];
        })),
      ...(neighbors.length === 0 ? [] : [element('p', {}, 'Nearest rows in the target: ',
        ...neighbors.flatMap((other, i) => [i > 0 ? ', ' : '', link(other), ` (${className(other)})`]))]),
      element('p', {}, element('button', { type: 'button', textContent: 'Close', onclick: () => {
        page.hidden = true;
        find('row-search').focus();
        history.replaceState(null, '', location.pathname + location.search);
      } })));
    page.hidden = false;
    if (hasFocus) {
      history.replaceState(null, '', `#row=${encodeURIComponent(data.ids[row])}`);
      page.focus();
      page.scrollIntoView({ block: 'nearest' });
    }
  };

  const listen = (id, property, set) => find(id).addEventListener('input', event => {
    set(event.target[property]);
    state.page = 0;
    list();
  });
  for (const [i, name] of data.classes.entries()) find('row-class').append(element('option', { value: i, textContent: name }));
  for (const [i, unlearner] of unlearners.entries()) find('row-unlearner').append(element('option', { value: i, textContent: unlearner.name }));
  listen('row-search', 'value', text => { state.text = text; });
  listen('row-class', 'value', value => { state.class = value; });
  listen('row-unlearner', 'value', value => { state.unlearner = Number(value); });
  listen('row-hard', 'checked', value => { state.isHard = value; });
  find('row-filter').addEventListener('submit', event => event.preventDefault());
  find('row-back').onclick = () => { state.page--; list(); };
  find('row-next').onclick = () => { state.page++; list(); };
  find('row-filter').hidden = find('row-pages').hidden = false;
  list();
  const asked = /^#row=(.*)$/.exec(location.hash);
  if (asked && byId.has(decodeURIComponent(asked[1]))) {
    show(byId.get(decodeURIComponent(asked[1])), false);
    find('row-page').scrollIntoView();
  }
})();
