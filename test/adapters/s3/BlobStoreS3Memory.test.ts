import { blobStoreMemoryUse } from "../../contracts/blobStoreMemoryUse.ts"
import { describeWith, s3Url } from "../../support/Services.ts"
import { inNewBucket } from "./S3Store.ts"

describeWith(s3Url)("S3", () => blobStoreMemoryUse("S3", inNewBucket))
