import { expect, it } from 'vitest';
import { writableMounts } from './writable-mounts.ts';

/** As a jail has it, with what a container has besides. */
const MOUNTINFO = `64 41 0:39 /newroot / rw,nosuid,nodev,relatime - tmpfs tmpfs rw
65 64 254:0 /usr /usr ro,nosuid,nodev,relatime - ext4 /dev/vda rw,discard
66 64 0:40 / /proc rw,nosuid,nodev,noexec,relatime - proc proc rw
67 66 0:44 / /proc/acpi rw,relatime - tmpfs tmpfs rw
68 64 0:45 / /sys rw - sysfs sysfs rw
69 64 0:41 / /dev rw,nosuid,relatime shared:4 master:2 - tmpfs tmpfs rw,mode=755
70 69 0:42 / /dev/pts rw,nosuid,noexec,relatime - devpts devpts rw,mode=620
71 69 0:43 / /dev/shm rw,nosuid - tmpfs shm rw,size=64000k
72 69 0:46 / /dev/mqueue rw - mqueue mqueue rw
73 64 0:47 / /srv/a\\040b rw - overlay overlay rw
74 64 0:48 / /opt rw - squashfs /dev/loop0 ro
75 64 0:43 / /dev/shm rw,nosuid - tmpfs shm rw
`;

it('files can be written wherever something is mounted that is neither read-only nor the kernel’s', () => {
  expect(writableMounts(MOUNTINFO)).toEqual(['/', '/dev', '/dev/shm', '/srv/a b']);
});
