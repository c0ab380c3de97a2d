/**
 * The public package registries, by whole host names: what their clients ask for, and where those
 * send them on to. What a registry of packages keeps at a code host (git dependencies, most of
 * Packagist, the binaries that some packages fetch while they install) is not among them: a
 * repository that needs it lists the host.
 */
export const REGISTRIES: ReadonlySet<string> = new Set([
  // npm, Yarn and JSR; node-gyp takes Node's headers from nodejs.org.
  'registry.npmjs.org',
  'registry.yarnpkg.com',
  'npm.jsr.io',
  'jsr.io',
  'nodejs.org',
  // PyPI: the index, and its files. https://docs.pypi.org/api/index-api/
  'pypi.org',
  'files.pythonhosted.org',
  // Cargo's sparse index and its crates; rustup. https://doc.rust-lang.org/cargo/reference/registry-index.html
  'index.crates.io',
  'static.crates.io',
  'crates.io',
  'static.rust-lang.org',
  // Go's module mirror, its checksum database and its toolchains. https://proxy.golang.org
  'proxy.golang.org',
  'sum.golang.org',
  // RubyGems and Bundler's compact index. https://guides.rubygems.org/rubygems-org-compact-index-api/
  'rubygems.org',
  'index.rubygems.org',
  // Maven Central under both of its names, and Gradle's plugins and itself.
  'repo.maven.apache.org',
  'repo1.maven.org',
  'plugins.gradle.org',
  'plugins-artifacts.gradle.org',
  'services.gradle.org',
  // NuGet. https://learn.microsoft.com/nuget/api/overview
  'api.nuget.org',
  // Debian and Ubuntu.
  'deb.debian.org',
  'security.debian.org',
  'archive.ubuntu.com',
  'security.ubuntu.com',
  'ports.ubuntu.com',
]);
