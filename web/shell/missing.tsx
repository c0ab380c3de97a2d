import { A } from '@solidjs/router';
import { Page } from '../ui/page.tsx';

export default function Missing() {
  return (
    <Page title="There is nothing here">
      <A href="/" class="button">
        Back to the chat
      </A>
    </Page>
  );
}
