import { Route, Router } from '@solidjs/router';
import { lazy } from 'solid-js';
import { Layout } from './components/layout.tsx';
import { Chat } from './pages/chat.tsx';
import { MainloopProvider } from './state/context.tsx';

const Inbox = lazy(() => import('./pages/inbox.tsx'));
const Tasks = lazy(() => import('./pages/tasks.tsx'));
const TaskPage = lazy(() => import('./pages/task.tsx'));
const Settings = lazy(() => import('./pages/settings.tsx'));
const Missing = lazy(() => import('./pages/missing.tsx'));

export function App() {
  return (
    <MainloopProvider>
      <Router root={Layout}>
        <Route path="/" component={Chat} />
        <Route path="/inbox" component={Inbox} />
        <Route path="/tasks" component={Tasks} />
        <Route path="/tasks/:id" component={TaskPage} />
        <Route path="/settings" component={Settings} />
        <Route path="*" component={Missing} />
      </Router>
    </MainloopProvider>
  );
}
