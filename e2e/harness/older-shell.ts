// The page as an older version would be: all the same but for the protocol that it speaks.
import { type UserConfig, mergeConfig } from 'vite';
import config from '../../web/vite.config.ts';

export default mergeConfig(config, {
  plugins: [
    {
      name: 'older-protocol',
      enforce: 'pre',
      transform: (code: string, id: string) =>
        id.endsWith('/protocol/version.ts')
          ? code.replace(/PROTOCOL_VERSION = \d+/, 'PROTOCOL_VERSION = 1')
          : null,
    },
  ],
} satisfies UserConfig);
