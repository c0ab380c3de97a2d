/** What is no file there, or lies elsewhere too. */
const NO_FILES = new Set([
  'autofs',
  'binfmt_misc',
  'bpf',
  'cgroup',
  'cgroup2',
  'configfs',
  'debugfs',
  'devpts',
  'efivarfs',
  'fusectl',
  'mqueue',
  'nsfs',
  'proc',
  'pstore',
  'securityfs',
  'sysfs',
  'tracefs',
]);
/** The kernel's own, whatever is mounted in it. */
export const KERNELS = ['/proc', '/sys'];

/**
 * Where files can be written: every file system that is mounted here and is not read-only.
 *
 * @param mountinfo the text of /proc/self/mountinfo; see proc_pid_mountinfo(5).
 */
export function writableMounts(mountinfo: string): string[] {
  const places = mountinfo.split('\n').flatMap((line) => {
    const [before = '', after = ''] = line.split(' - ');
    const [, , , , where, options = ''] = before.split(' ');
    const [type = '', , ofAll = ''] = after.split(' ');
    if (where === undefined || NO_FILES.has(type)) return [];
    if ([options, ofAll].some((list) => list.split(',').includes('ro'))) return [];
    // Spaces and the like stand there as \040.
    const place = where.replaceAll(/\\(?<code>[0-7]{3})/g, (_, code: string) =>
      String.fromCharCode(Number.parseInt(code, 8)),
    );
    return KERNELS.some((one) => place === one || place.startsWith(`${one}/`)) ? [] : [place];
  });
  return [...new Set(places)];
}
