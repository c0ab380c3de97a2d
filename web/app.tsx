import { Route, Router } from '@solidjs/router';
import { lazy } from 'solid-js';
import { Layout } from './shell/layout.tsx';
import { Chat } from './chat/chat.tsx';
import { MainloopProvider } from './state/context.tsx';

const Inbox = lazy(() => import('./inbox/inbox.tsx'));
const Tasks = lazy(() => import('./tasks/tasks.tsx'));
const TaskPage = lazy(() => import('./tasks/task.tsx'));
const Settings = lazy(() => import('./settings/settings.tsx'));
const Search = lazy(() => import('./search/search.tsx'));
const Health = lazy(() => import('./health/health.tsx'));
const Missing = lazy(() => import('./shell/missing.tsx'));

export function App() {
  return (
    <MainloopProvider>
      <Router root={Layout}>
        <Route path="/" component={Chat} />
        <Route path="/inbox/:itemId?" component={Inbox} />
        <Route path="/tasks" component={Tasks} />
        <Route path="/tasks/:id" component={TaskPage} />
        <Route path="/settings/:section?" component={Settings} />
        <Route path="/search" component={Search} />
        <Route path="/health" component={Health} />
        <Route path="*" component={Missing} />
      </Router>
    </MainloopProvider>
  );
}
