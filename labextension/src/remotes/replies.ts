export type {
  Pulled as IPulled,
  Remote as IRemote,
  RemoteList as IRemoteList,
  SignedIn as ISignedIn,
  Synced as ISynced
} from '../schema';
