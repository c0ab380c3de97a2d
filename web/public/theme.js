// Before the first paint, so that a chosen appearance never flashes.
try {
  const theme = localStorage.getItem('theme');
  if (theme === 'light' || theme === 'dark') {
    document.documentElement.dataset.theme = theme;
    // The system's bars take the chosen colour, too.
    for (const meta of document.querySelectorAll('meta[name=theme-color]')) {
      meta.media = meta.dataset.of === theme ? 'all' : 'not all';
    }
  }
  if (localStorage.getItem('density') === 'compact') {
    document.documentElement.dataset.density = 'compact';
  }
} catch {
  // Storage is closed to this page: the system's appearance it is.
}
