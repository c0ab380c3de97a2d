import type { GitHubResult } from './port.ts';

/** As whom something is asked of the host. */
export type Credential = {
  /** How the API wants the token announced. */
  scheme: 'token' | 'bearer';
  token: string;
  /** Whose eyes and whose limits these are: what is kept of the host's answers is kept apart by it. */
  holder: string;
  /** The sentence for the person when the host does not take it. */
  onRefusal: string;
};

/** Whoever may ask: each request is sent as what they give. */
export type Asker = {
  /** @param repository what the request is about; null when it is about none. */
  credential(repository: string | null): Promise<GitHubResult<Credential | null>>;
  /**
   * The host refused it (401). True when another one can be had: the request is sent once more as
   * that.
   */
  refused(credential: Credential): boolean;
};

/** A part of the host that lists repositories, and as whom to ask it. */
export type RepositorySource = {
  route: 'GET /user/repos' | 'GET /installation/repositories';
  asker: Asker;
};
