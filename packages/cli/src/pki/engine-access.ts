// What certificates and the configuration of nats-server need to know of the engine: names, permissions, sealing keys.

export {
  blobReads,
  certifiedSealKey,
  clientPermissions,
  controllerPermissions,
  domainOf,
  isSealKey,
  makeSealKeys,
  type NatsOptions,
  nameOfToken,
  type Permissions,
  SEAL_KEY_OID,
  sealKeyValue,
  tokenOf,
} from '@omserver/engine'
