// A link to a dashboard takes along what is chosen in the filters both have; a link's data-agency, data-kpi and
// data-system choose for those filters. Opened in a new tab, or where anything fails, it is a plain link.
(() => {
  "use strict";

  const PREFIX = "/superset/dashboard/";

  const ask = async (address, options) => {
    const answer = await fetch(address, { credentials: "same-origin", ...options });
    if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
    return answer.json();
  };

  const dashboard = async (address) => {
    const slug = new URL(address, location.href).pathname.slice(PREFIX.length).replace(/\/.*$/, "");
    const { result } = await ask(`/api/v1/dashboard/${slug}`);
    const filters = JSON.parse(result.json_metadata).native_filter_configuration;
    return { id: result.id, filters };
  };

  const chosenHere = async () => {
    const key = new URLSearchParams(location.search).get("native_filters_key");
    if (!key) return {};
    const { id } = await dashboard(location.href);
    return JSON.parse((await ask(`/api/v1/dashboard/${id}/filter_state/${key}`)).value);
  };

  const choice = (filter, value) => ({
    id: filter.id,
    extraFormData: { filters: [{ col: filter.targets[0].column.name, op: "IN", val: [value] }] },
    filterState: { label: value, value: [value] },
    ownState: {},
  });

  const addressWithFilters = async (link) => {
    const path = link.getAttribute("href"); // the `href` of a link on the map is no text
    const [target, here] = await Promise.all([dashboard(path), chosenHere()]);
    const state = {};
    for (const filter of target.filters) {
      const value = link.dataset[filter.id.replace("NATIVE_FILTER-", "")];
      if (value) state[filter.id] = choice(filter, value);
      else if (here[filter.id]?.filterState?.value) state[filter.id] = here[filter.id];
      else state[filter.id] = { id: filter.id, ...filter.defaultDataMask };
    }
    const token = (await ask("/api/v1/security/csrf_token/")).result;
    const { key } = await ask(`/api/v1/dashboard/${target.id}/filter_state`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": token },
      body: JSON.stringify({ value: JSON.stringify(state) }),
    });
    return `${path}?native_filters_key=${key}`;
  };

  document.addEventListener(
    "click",
    (event) => {
      const link = event.target.closest?.(`.dashboard a[href^="${PREFIX}"]`);
      if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      event.stopPropagation();
      addressWithFilters(link)
        .catch(() => link.getAttribute("href"))
        .then((address) => location.assign(address));
    },
    true,
  );
})();
