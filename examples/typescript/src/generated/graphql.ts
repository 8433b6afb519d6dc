/* eslint-disable */
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';
export type Maybe<T> = T | null;
export type InputMaybe<T> = Maybe<T>;
export type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
export type MakeOptional<T, K extends keyof T> = Omit<T, K> & { [SubKey in K]?: Maybe<T[SubKey]> };
export type MakeMaybe<T, K extends keyof T> = Omit<T, K> & { [SubKey in K]: Maybe<T[SubKey]> };
export type MakeEmpty<T extends { [key: string]: unknown }, K extends keyof T> = { [_ in K]?: never };
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
/** All built-in and custom scalars, mapped to their actual values */
export type Scalars = {
  ID: { input: string; output: string; }
  String: { input: string; output: string; }
  Boolean: { input: boolean; output: boolean; }
  Int: { input: number; output: number; }
  Float: { input: number; output: number; }
  /** A color as six hexadecimal digits, such as #6A8CAF. */
  Color: { input: string; output: string; }
  /** A moment in time, ISO 8601 in UTC, such as 2026-11-22T19:46:13Z. */
  DateTime: { input: string; output: string; }
  /** A decimal number written as a string, such as "12.50", exact to the last digit. */
  Decimal: { input: string; output: string; }
  /** HTML, sanitized when it was written. */
  HTML: { input: string; output: string; }
  /** Any JSON value. */
  JSON: { input: unknown; output: unknown; }
  /** An absolute web address, RFC 3986. */
  URL: { input: string; output: string; }
  /** A whole number from 0 to 2^64-1, written as a string. */
  UnsignedInt64: { input: string; output: string; }
};

/** What a new key may do. */
export type ApiKeyCreateInput = {
  /** When it ends by itself; absent for never. */
  expiresAt?: InputMaybe<Scalars['DateTime']['input']>;
  /** What it is called, 1 to 100 characters. */
  name: Scalars['String']['input'];
  /** What it may do, such as orders:read. At least one, and none that the caller lacks. */
  scopes: Array<Scalars['String']['input']>;
};

/** What can be wrong with what was said of a key. */
export type ApiKeyErrorCode =
  /** It is not valid. */
  | 'INVALID'
  /** There is no such key. */
  | 'NOT_FOUND'
  /** The caller lacks a scope that the key would have. */
  | 'SCOPE_NOT_HELD';

/** Which key to end. */
export type ApiKeyRevokeInput = {
  /** The key's id. */
  id: Scalars['ID']['input'];
};

/** Who wrote an article. */
export type ArticleAuthorInput = {
  /** What there is to say of them. */
  bio?: InputMaybe<Scalars['String']['input']>;
  /** Their e-mail address, which shoppers see. */
  email?: InputMaybe<Scalars['String']['input']>;
  /** Their first name. */
  firstName: Scalars['String']['input'];
  /** Their last name. */
  lastName: Scalars['String']['input'];
};

/** An article to delete. */
export type ArticleDeleteInput = {
  /** The version that the change rests on; another one refuses. */
  expectedVersion?: InputMaybe<Scalars['Int']['input']>;
  /** The article's id. */
  id: Scalars['ID']['input'];
};

/** A picture. */
export type ArticleImageInput = {
  /** What it shows, in words. */
  altText?: InputMaybe<Scalars['String']['input']>;
  /** How high it is. */
  height?: InputMaybe<Scalars['Int']['input']>;
  /** Where it is: an address, or a path that begins with /; an empty text takes the picture away. */
  url: Scalars['String']['input'];
  /** How wide it is. */
  width?: InputMaybe<Scalars['Int']['input']>;
};

/** An article to make or to change: what is not given stays as it is. It is named by its id, else by the externalId, else by the handle in its blog. */
export type ArticleSetInput = {
  /** Who wrote it. */
  author?: InputMaybe<ArticleAuthorInput>;
  /** The handle of its blog. */
  blogHandle?: InputMaybe<Scalars['String']['input']>;
  /** The id of its blog. */
  blogId?: InputMaybe<Scalars['ID']['input']>;
  /** The text; what is not allowed in it is left out. */
  content?: InputMaybe<Scalars['HTML']['input']>;
  /** The text in short; an empty one takes it away. */
  excerpt?: InputMaybe<Scalars['HTML']['input']>;
  /** The version that the change rests on; another one refuses. */
  expectedVersion?: InputMaybe<Scalars['Int']['input']>;
  /** The caller's own id, unique per partner. */
  externalId?: InputMaybe<Scalars['String']['input']>;
  /** A name for addresses: letters, digits and hyphens. What is new needs one. */
  handle?: InputMaybe<Scalars['String']['input']>;
  /** The article to change. */
  id?: InputMaybe<Scalars['ID']['input']>;
  /** The picture above it. */
  image?: InputMaybe<ArticleImageInput>;
  /** Whether shoppers see it: false keeps it back, true shows it at once or from publishedAt on. */
  published?: InputMaybe<Scalars['Boolean']['input']>;
  /** From when shoppers see it; beside published: false it is INVALID. Without a word what is new is seen at once. */
  publishedAt?: InputMaybe<Scalars['DateTime']['input']>;
  /** What search engines are told. */
  seo?: InputMaybe<SeoInput>;
  /** The tags. */
  tags?: InputMaybe<Array<Scalars['String']['input']>>;
  /** The title. What is new needs one. */
  title?: InputMaybe<Scalars['String']['input']>;
};

/** What articles can be sorted by. */
export type ArticleSortKeys =
  /** By the author's name. */
  | 'AUTHOR'
  /** By the blog's title. */
  | 'BLOG_TITLE'
  /** By id: the oldest first. */
  | 'ID'
  /** By the moment of publication. */
  | 'PUBLISHED_AT'
  /** By how well it matches the words of the search, the best first; by id without words. */
  | 'RELEVANCE'
  /** By title. */
  | 'TITLE'
  /** By the last change. */
  | 'UPDATED_AT';

/** A pair of texts to attach. */
export type AttributeInput = {
  /** The name, at most 255 characters. */
  key: Scalars['String']['input'];
  /** The value, at most 4,000 characters. */
  value: Scalars['String']['input'];
};

/** A blog to delete. */
export type BlogDeleteInput = {
  /** The version that the change rests on; another one refuses. */
  expectedVersion?: InputMaybe<Scalars['Int']['input']>;
  /** The blog's id. */
  id: Scalars['ID']['input'];
};

/** A blog to make or to change: what is not given stays as it is. It is named by its id, else by the externalId, else by the handle. */
export type BlogSetInput = {
  /** The version that the change rests on; another one refuses. */
  expectedVersion?: InputMaybe<Scalars['Int']['input']>;
  /** The caller's own id, unique per partner. */
  externalId?: InputMaybe<Scalars['String']['input']>;
  /** A name for addresses: letters, digits and hyphens. What is new needs one. */
  handle?: InputMaybe<Scalars['String']['input']>;
  /** The blog to change. */
  id?: InputMaybe<Scalars['ID']['input']>;
  /** What search engines are told. */
  seo?: InputMaybe<SeoInput>;
  /** The title. What is new needs one. */
  title?: InputMaybe<Scalars['String']['input']>;
};

/** What blogs can be sorted by. */
export type BlogSortKeys =
  /** By handle. */
  | 'HANDLE'
  /** By id: the oldest first. */
  | 'ID'
  /** By how well it matches the words of the search, the best first; by id without words. */
  | 'RELEVANCE'
  /** By title. */
  | 'TITLE';

/** A color with the one that is read on it. */
export type BrandColorGroupInput = {
  /** The color of the ground. */
  background?: InputMaybe<Scalars['Color']['input']>;
  /** The color of what stands on it. */
  foreground?: InputMaybe<Scalars['Color']['input']>;
};

/** The colors of the brand. */
export type BrandColorsInput = {
  /** The first colors, at most 10 groups. */
  primary?: InputMaybe<Array<BrandColorGroupInput>>;
  /** The colors beside them, at most 10 groups. */
  secondary?: InputMaybe<Array<BrandColorGroupInput>>;
};

/** A picture of the brand. */
export type BrandImageInput = {
  /** What it shows, in words. */
  altText?: InputMaybe<Scalars['String']['input']>;
  /** How high it is. */
  height?: InputMaybe<Scalars['Int']['input']>;
  /** Where it is: an address, or a path that begins with /; an empty text takes the picture away. */
  url: Scalars['String']['input'];
  /** How wide it is. */
  width?: InputMaybe<Scalars['Int']['input']>;
};

/** What changes of the brand; what is not given stays, an empty text goes. */
export type BrandInput = {
  /** The colors. */
  colors?: InputMaybe<BrandColorsInput>;
  /** A wide picture. */
  coverImage?: InputMaybe<BrandImageInput>;
  /** The logo. */
  logo?: InputMaybe<BrandImageInput>;
  /** What the shop is, in a few words. */
  shortDescription?: InputMaybe<Scalars['String']['input']>;
  /** The slogan. */
  slogan?: InputMaybe<Scalars['String']['input']>;
  /** The logo in a square. */
  squareLogo?: InputMaybe<BrandImageInput>;
};

/** An address, or one of the customer's book: exactly one of the two. */
export type CartAddressInput = {
  /** The id of an address in the book of the customer who is logged in to the cart. It is copied: what becomes of it there is not followed. */
  copyFromCustomerAddressId?: InputMaybe<Scalars['ID']['input']>;
  /** An address. */
  deliveryAddress?: InputMaybe<CartDeliveryAddressInput>;
};

/** Who buys. */
export type CartBuyerIdentityInput = {
  /** The country, which decides on tax and shipping. */
  countryCode?: InputMaybe<CountryCode>;
  /** The token of a customer who is logged in. */
  customerAccessToken?: InputMaybe<Scalars['String']['input']>;
  /** The e-mail address. */
  email?: InputMaybe<Scalars['String']['input']>;
  /** The phone number with its country, such as +14155550123. */
  phone?: InputMaybe<Scalars['String']['input']>;
};

/** An address that a cart may be delivered to. */
export type CartDeliveryAddressInput = {
  /** The street and number. */
  address1?: InputMaybe<Scalars['String']['input']>;
  /** The apartment, suite or unit. */
  address2?: InputMaybe<Scalars['String']['input']>;
  /** The city. */
  city?: InputMaybe<Scalars['String']['input']>;
  /** The company. */
  company?: InputMaybe<Scalars['String']['input']>;
  /** The country; always needed. */
  countryCode?: InputMaybe<CountryCode>;
  /** The first name. */
  firstName?: InputMaybe<Scalars['String']['input']>;
  /** The last name. */
  lastName?: InputMaybe<Scalars['String']['input']>;
  /** The phone number. */
  phone?: InputMaybe<Scalars['String']['input']>;
  /** The province's code or English name. */
  provinceCode?: InputMaybe<Scalars['String']['input']>;
  /** The postal code. */
  zip?: InputMaybe<Scalars['String']['input']>;
};

/** Whether something is bought once or again and again. */
export type CartDeliveryGroupType =
  /** Once. */
  | 'ONE_TIME_PURCHASE'
  /** Again and again. */
  | 'SUBSCRIPTION';

/** Where a cart may go. */
export type CartDeliveryInput = {
  /** The addresses, at most 25. */
  addresses?: InputMaybe<Array<CartSelectableAddressInput>>;
};

/** What can be wrong with what was asked of a cart. */
export type CartErrorCode =
  /** Address field contains emojis. */
  | 'ADDRESS_FIELD_CONTAINS_EMOJIS'
  /** Address field contains html tags. */
  | 'ADDRESS_FIELD_CONTAINS_HTML_TAGS'
  /** Address field contains url. */
  | 'ADDRESS_FIELD_CONTAINS_URL'
  /** Address field does not match expected pattern. */
  | 'ADDRESS_FIELD_DOES_NOT_MATCH_EXPECTED_PATTERN'
  /** Address field is required. */
  | 'ADDRESS_FIELD_IS_REQUIRED'
  /** Address field is too long. */
  | 'ADDRESS_FIELD_IS_TOO_LONG'
  /** Bundles and addons cannot be mixed. */
  | 'BUNDLES_AND_ADDONS_CANNOT_BE_MIXED'
  /** Buyer cannot purchase for company location. */
  | 'BUYER_CANNOT_PURCHASE_FOR_COMPANY_LOCATION'
  /** Cart too large. */
  | 'CART_TOO_LARGE'
  /** Gift card recipient invalid. */
  | 'GIFT_CARD_RECIPIENT_INVALID'
  /** Invalid. */
  | 'INVALID'
  /** Invalid company location. */
  | 'INVALID_COMPANY_LOCATION'
  /** Invalid delivery address id. */
  | 'INVALID_DELIVERY_ADDRESS_ID'
  /** Invalid delivery group. */
  | 'INVALID_DELIVERY_GROUP'
  /** Invalid delivery option. */
  | 'INVALID_DELIVERY_OPTION'
  /** Invalid increment. */
  | 'INVALID_INCREMENT'
  /** Invalid merchandise line. */
  | 'INVALID_MERCHANDISE_LINE'
  /** Invalid metafields. */
  | 'INVALID_METAFIELDS'
  /** Invalid payment. */
  | 'INVALID_PAYMENT'
  /** Invalid payment deferred payment required. */
  | 'INVALID_PAYMENT_DEFERRED_PAYMENT_REQUIRED'
  /** Invalid payment empty cart. */
  | 'INVALID_PAYMENT_EMPTY_CART'
  /** Invalid zip code for country. */
  | 'INVALID_ZIP_CODE_FOR_COUNTRY'
  /** Invalid zip code for province. */
  | 'INVALID_ZIP_CODE_FOR_PROVINCE'
  /** Less than. */
  | 'LESS_THAN'
  /** Maximum exceeded. */
  | 'MAXIMUM_EXCEEDED'
  /** Merchandise line transformers run error. */
  | 'MERCHANDISE_LINE_TRANSFORMERS_RUN_ERROR'
  /** Merchandise not applicable. */
  | 'MERCHANDISE_NOT_APPLICABLE'
  /** Minimum not met. */
  | 'MINIMUM_NOT_MET'
  /** Missing customer access token. */
  | 'MISSING_CUSTOMER_ACCESS_TOKEN'
  /** Missing discount code. */
  | 'MISSING_DISCOUNT_CODE'
  /** Missing note. */
  | 'MISSING_NOTE'
  /** Note too long. */
  | 'NOTE_TOO_LONG'
  /** Only one delivery address can be selected. */
  | 'ONLY_ONE_DELIVERY_ADDRESS_CAN_BE_SELECTED'
  /** Parent line invalid reference. */
  | 'PARENT_LINE_INVALID_REFERENCE'
  /** Parent line nesting too deep. */
  | 'PARENT_LINE_NESTING_TOO_DEEP'
  /** Parent line not found. */
  | 'PARENT_LINE_NOT_FOUND'
  /** Parent line operation blocked. */
  | 'PARENT_LINE_OPERATION_BLOCKED'
  /** Payments credit card base expired. */
  | 'PAYMENTS_CREDIT_CARD_BASE_EXPIRED'
  /** Payments credit card base gateway not supported. */
  | 'PAYMENTS_CREDIT_CARD_BASE_GATEWAY_NOT_SUPPORTED'
  /** Payments credit card generic. */
  | 'PAYMENTS_CREDIT_CARD_GENERIC'
  /** Payments credit card month inclusion. */
  | 'PAYMENTS_CREDIT_CARD_MONTH_INCLUSION'
  /** Payments credit card number invalid. */
  | 'PAYMENTS_CREDIT_CARD_NUMBER_INVALID'
  /** Payments credit card number invalid format. */
  | 'PAYMENTS_CREDIT_CARD_NUMBER_INVALID_FORMAT'
  /** Payments credit card verification value blank. */
  | 'PAYMENTS_CREDIT_CARD_VERIFICATION_VALUE_BLANK'
  /** Payments credit card verification value invalid for card type. */
  | 'PAYMENTS_CREDIT_CARD_VERIFICATION_VALUE_INVALID_FOR_CARD_TYPE'
  /** Payments credit card year expired. */
  | 'PAYMENTS_CREDIT_CARD_YEAR_EXPIRED'
  /** Payments credit card year invalid expiry year. */
  | 'PAYMENTS_CREDIT_CARD_YEAR_INVALID_EXPIRY_YEAR'
  /** Payment method not applicable. */
  | 'PAYMENT_METHOD_NOT_APPLICABLE'
  /** Payment method not supported. */
  | 'PAYMENT_METHOD_NOT_SUPPORTED'
  /** Pending delivery groups. */
  | 'PENDING_DELIVERY_GROUPS'
  /** Province not found. */
  | 'PROVINCE_NOT_FOUND'
  /** Selling plan not applicable. */
  | 'SELLING_PLAN_NOT_APPLICABLE'
  /** Service unavailable. */
  | 'SERVICE_UNAVAILABLE'
  /** Too many delivery addresses. */
  | 'TOO_MANY_DELIVERY_ADDRESSES'
  /** Unspecified address error. */
  | 'UNSPECIFIED_ADDRESS_ERROR'
  /** Validation custom. */
  | 'VALIDATION_CUSTOM'
  /** Variant requires selling plan. */
  | 'VARIANT_REQUIRES_SELLING_PLAN'
  /** Zip code not supported. */
  | 'ZIP_CODE_NOT_SUPPORTED';

/** What a cart starts with. */
export type CartInput = {
  /** The attributes. */
  attributes?: InputMaybe<Array<AttributeInput>>;
  /** Who buys. */
  buyerIdentity?: InputMaybe<CartBuyerIdentityInput>;
  /** Where it may go. */
  delivery?: InputMaybe<CartDeliveryInput>;
  /** Discount codes, at most 25. */
  discountCodes?: InputMaybe<Array<Scalars['String']['input']>>;
  /** The codes of gift cards that it is to be paid with, at most 25. */
  giftCardCodes?: InputMaybe<Array<Scalars['String']['input']>>;
  /** The lines, at most 250. */
  lines?: InputMaybe<Array<CartLineInput>>;
  /** The shopper's note. */
  note?: InputMaybe<Scalars['String']['input']>;
};

/** A line to add to a cart or an order. */
export type CartLineInput = {
  /** The attributes. */
  attributes?: InputMaybe<Array<AttributeInput>>;
  /** PICK_UP for a line that is collected in a store while the others are shipped. Absent, and SHIPPING, it goes with the others. Only in a cart. */
  deliveryMethod?: InputMaybe<DeliveryMethodType>;
  /** The variant. */
  merchandiseId: Scalars['ID']['input'];
  /** The line that it belongs to, such as the thing that a warranty is for. Only in a cart. */
  parent?: InputMaybe<CartLineParentInput>;
  /** How many; absent is 1. */
  quantity?: InputMaybe<Scalars['Int']['input']>;
};

/** The line that another belongs to: exactly one of the two. */
export type CartLineParentInput = {
  /** The id of a line that is in the cart. */
  lineId?: InputMaybe<Scalars['ID']['input']>;
  /** The variant of a line that is added in the same call. */
  merchandiseId?: InputMaybe<Scalars['ID']['input']>;
};

/** A change of a line. */
export type CartLineUpdateInput = {
  /** The new attributes; absent leaves them. */
  attributes?: InputMaybe<Array<AttributeInput>>;
  /** PICK_UP to collect it in a store, SHIPPING to send it with the others; absent leaves it. */
  deliveryMethod?: InputMaybe<DeliveryMethodType>;
  /** The line's id. */
  id: Scalars['ID']['input'];
  /** Another variant; absent leaves it. */
  merchandiseId?: InputMaybe<Scalars['ID']['input']>;
  /** The new quantity; 0 removes the line, absent leaves it. */
  quantity?: InputMaybe<Scalars['Int']['input']>;
};

/** Two carts, of which one goes into the other. */
export type CartMergeInput = {
  /** The id of the cart that is emptied and closed, with its key. */
  from: Scalars['ID']['input'];
  /** The id of the cart that takes it in, with its key. */
  into: Scalars['ID']['input'];
};

/** A metafield to be taken off a cart. */
export type CartMetafieldDeleteInput = {
  /** The key. */
  key: Scalars['String']['input'];
  /** The cart's id, with its key. */
  ownerId: Scalars['ID']['input'];
};

/** A metafield to be written on a cart. */
export type CartMetafieldsSetInput = {
  /** The key, 2 to 64 characters. What the cart has under it is written over. */
  key: Scalars['String']['input'];
  /** The cart's id, with its key. */
  ownerId: Scalars['ID']['input'];
  /** The type: single_line_text_field, multi_line_text_field, boolean, number_integer, number_decimal, date, date_time, json or url. */
  type: Scalars['String']['input'];
  /** The value, as text, at most 10,000 characters. */
  value: Scalars['String']['input'];
};

/** An address to put into a cart. */
export type CartSelectableAddressInput = {
  /** The address. */
  address: CartAddressInput;
  /** Whether it is for this order only and stays out of the customer's address book; absent is false. */
  oneTimeUse?: InputMaybe<Scalars['Boolean']['input']>;
  /** Whether the cart goes there, instead of where it went before; absent is false. */
  selected?: InputMaybe<Scalars['Boolean']['input']>;
  /** How closely it is looked at; absent is COUNTRY_CODE_ONLY. */
  validationStrategy?: InputMaybe<DeliveryAddressValidationStrategy>;
};

/** A change of an address of a cart; what is absent stays. */
export type CartSelectableAddressUpdateInput = {
  /** Another address in its place. */
  address?: InputMaybe<CartAddressInput>;
  /** The id of the address in this cart. */
  id: Scalars['ID']['input'];
  /** Whether it is for this order only and stays out of the customer's address book. */
  oneTimeUse?: InputMaybe<Scalars['Boolean']['input']>;
  /** Whether the cart goes there. */
  selected?: InputMaybe<Scalars['Boolean']['input']>;
  /** How closely the address is looked at; absent is COUNTRY_CODE_ONLY. */
  validationStrategy?: InputMaybe<DeliveryAddressValidationStrategy>;
};

/** One of the options of a delivery group. */
export type CartSelectedDeliveryOptionInput = {
  /** The group. */
  deliveryGroupId: Scalars['ID']['input'];
  /** The handle of the option. */
  deliveryOptionHandle: Scalars['String']['input'];
};

/** What a shopper can be warned of. */
export type CartWarningCode =
  /** The carriers can't be asked now, so that their delivery options are missing. */
  | 'DELIVERY_RATES_UNAVAILABLE'
  /** Discount code not honoured. */
  | 'DISCOUNT_CODE_NOT_HONOURED'
  /** Discount currently inactive. */
  | 'DISCOUNT_CURRENTLY_INACTIVE'
  /** Discount customer not eligible. */
  | 'DISCOUNT_CUSTOMER_NOT_ELIGIBLE'
  /** Discount customer usage limit reached. */
  | 'DISCOUNT_CUSTOMER_USAGE_LIMIT_REACHED'
  /** Discount eligible customer missing. */
  | 'DISCOUNT_ELIGIBLE_CUSTOMER_MISSING'
  /** Discount incompatible purchase type. */
  | 'DISCOUNT_INCOMPATIBLE_PURCHASE_TYPE'
  /** Discount not found. */
  | 'DISCOUNT_NOT_FOUND'
  /** Discount no entitled line items. */
  | 'DISCOUNT_NO_ENTITLED_LINE_ITEMS'
  /** Discount no entitled shipping lines. */
  | 'DISCOUNT_NO_ENTITLED_SHIPPING_LINES'
  /** Discount purchase not in range. */
  | 'DISCOUNT_PURCHASE_NOT_IN_RANGE'
  /** Discount quantity not in range. */
  | 'DISCOUNT_QUANTITY_NOT_IN_RANGE'
  /** Discount usage limit reached. */
  | 'DISCOUNT_USAGE_LIMIT_REACHED'
  /** Duplicate delivery address. */
  | 'DUPLICATE_DELIVERY_ADDRESS'
  /** Merchandise not enough stock. */
  | 'MERCHANDISE_NOT_ENOUGH_STOCK'
  /** Merchandise out of stock. */
  | 'MERCHANDISE_OUT_OF_STOCK'
  /** Merchandise selling plan not applicable on company location. */
  | 'MERCHANDISE_SELLING_PLAN_NOT_APPLICABLE_ON_COMPANY_LOCATION'
  /** Payments gift cards unavailable. */
  | 'PAYMENTS_GIFT_CARDS_UNAVAILABLE'
  /** The tax can't be worked out now, so that the total is without it. */
  | 'TAX_UNAVAILABLE';

/** An export to end. */
export type CatalogExportCancelInput = {
  /** The export's id. */
  id: Scalars['ID']['input'];
};

/** An export to make. */
export type CatalogExportInput = {
  /** The caller's own id, unique per partner: the same again gives the export that there is. */
  externalId?: InputMaybe<Scalars['String']['input']>;
  /** What is to be written; PRODUCTS without a word. */
  kind?: InputMaybe<ExportKind>;
};

/** An import to end. */
export type CatalogImportCancelInput = {
  /** The import's id. */
  id: Scalars['ID']['input'];
};

/** An import to make. */
export type CatalogImportInput = {
  /** The caller's own id, unique per partner: the same again gives the import that there is. */
  externalId?: InputMaybe<Scalars['String']['input']>;
  /** What the rows are about. */
  kind: ImportKind;
  /** What becomes of a file of which some rows are wrong; ALL_OR_NOTHING without a word. */
  mode?: InputMaybe<ImportMode>;
  /** Where the file lies: it begins with https://, and leads to a server that everybody can reach. Without it the file is posted to the uploadUrl. It is forgotten once the file is here. */
  url?: InputMaybe<Scalars['URL']['input']>;
};

/** The collection to delete. */
export type CollectionDeleteInput = {
  /** The version that the deletion rests on; another one refuses. */
  expectedVersion?: InputMaybe<Scalars['Int']['input']>;
  /** The id of the collection. */
  id: Scalars['ID']['input'];
};

/** What can be wrong with a change of a collection. */
export type CollectionErrorCode =
  /** It is needed and empty. */
  | 'BLANK'
  /** It is not valid. */
  | 'INVALID'
  /** There is no such thing. */
  | 'NOT_FOUND'
  /** The collection has rules, which decide about its products. */
  | 'RULE_BASED'
  /** The handle or the externalId is another one's. */
  | 'TAKEN'
  /** It is too long. */
  | 'TOO_LONG'
  /** There are too many. */
  | 'TOO_MANY'
  /** It has changed meanwhile. */
  | 'VERSION_CONFLICT';

/** A collection's picture. */
export type CollectionImageInput = {
  /** What it shows, in words. */
  altText?: InputMaybe<Scalars['String']['input']>;
  /** Where it is: an address, or a path that begins with /; an empty text takes the picture away. */
  url: Scalars['String']['input'];
};

/** How far the members of a collection are. */
export type CollectionMembershipState =
  /** All products were held against the rules. */
  | 'DONE'
  /** Some were. */
  | 'RUNNING'
  /** The rules are new; none was. */
  | 'WAITING';

/** Products that join a collection, leave it or move within it. */
export type CollectionProductsInput = {
  /** The collection, which has no rules. */
  collectionId: Scalars['ID']['input'];
  /** The version that the change rests on; another one refuses. */
  expectedVersion?: InputMaybe<Scalars['Int']['input']>;
  /** The place of the first of them in the collection's own order, from 0; none is the end. */
  position?: InputMaybe<Scalars['Int']['input']>;
  /** The products, at most 2,000. */
  productIds: Array<Scalars['ID']['input']>;
};

/** Products that leave a collection. */
export type CollectionProductsRemoveInput = {
  /** The collection, which has no rules. */
  collectionId: Scalars['ID']['input'];
  /** The version that the change rests on; another one refuses. */
  expectedVersion?: InputMaybe<Scalars['Int']['input']>;
  /** The products, at most 2,000. */
  productIds: Array<Scalars['ID']['input']>;
};

/** What of a product a rule looks at. Of tags and of variants, one that fits is enough. */
export type CollectionRuleColumn =
  /** A metafield of the product, by its namespace and key. */
  | 'PRODUCT_METAFIELD'
  /** The tags. */
  | 'TAG'
  /** The title. */
  | 'TITLE'
  /** The product type. */
  | 'TYPE'
  /** The prices before a reduction, in the shop's currency. */
  | 'VARIANT_COMPARE_AT_PRICE'
  /** How many of a variant can be had online, as quantityAvailable says: a whole number. What is not tracked never runs out, and is more than any number. Sales are followed within half a minute. */
  | 'VARIANT_INVENTORY'
  /** The variants' prices, in the shop's currency. */
  | 'VARIANT_PRICE'
  /** The variants' titles, such as Large / Blue. */
  | 'VARIANT_TITLE'
  /** The variants' weights: a number with g, kg, oz or lb; without a unit it is grams. */
  | 'VARIANT_WEIGHT'
  /** The vendor. */
  | 'VENDOR';

/** One condition on the members of a collection. */
export type CollectionRuleInput = {
  /** What of a product is looked at. */
  column: CollectionRuleColumn;
  /** With what it is compared, at most 255 characters; none for IS_SET and IS_NOT_SET. */
  condition?: InputMaybe<Scalars['String']['input']>;
  /** The key of the metafield, where one is looked at. */
  key?: InputMaybe<Scalars['String']['input']>;
  /** The namespace of the metafield, where one is looked at. */
  namespace?: InputMaybe<Scalars['String']['input']>;
  /** How it is compared. */
  relation: CollectionRuleRelation;
};

/** How a rule compares. Upper and lower case of texts are the same. What denies holds where its opposite does not: TAG NOT_EQUALS sale is met by products without that tag. */
export type CollectionRuleRelation =
  /** The text is somewhere in it. */
  | 'CONTAINS'
  /** It ends with the text. */
  | 'ENDS_WITH'
  /** It is the same. */
  | 'EQUALS'
  /** It is a larger number. */
  | 'GREATER_THAN'
  /** There is none, or it is empty. */
  | 'IS_NOT_SET'
  /** There is one. */
  | 'IS_SET'
  /** It is a smaller number. */
  | 'LESS_THAN'
  /** The text is nowhere in it. */
  | 'NOT_CONTAINS'
  /** It is not the same. */
  | 'NOT_EQUALS'
  /** It begins with the text. */
  | 'STARTS_WITH';

/** Conditions on the members of a collection. */
export type CollectionRuleSetInput = {
  /** Whether one rule is enough; else all must hold. */
  appliedDisjunctively?: InputMaybe<Scalars['Boolean']['input']>;
  /** The rules, at most 60. */
  rules: Array<CollectionRuleInput>;
};

/** A collection to make or to change: what is not given stays as it is. It is named by its id, else by the externalId, else by the handle. */
export type CollectionSetInput = {
  /** The description, HTML, at most 256 kB; it is sanitized. */
  descriptionHtml?: InputMaybe<Scalars['String']['input']>;
  /** The version that the change rests on; another one refuses. */
  expectedVersion?: InputMaybe<Scalars['Int']['input']>;
  /** The caller's own id, unique per partner. */
  externalId?: InputMaybe<Scalars['String']['input']>;
  /** A name for addresses, unique in the shop. */
  handle?: InputMaybe<Scalars['String']['input']>;
  /** The id of the collection to change. */
  id?: InputMaybe<Scalars['ID']['input']>;
  /** The collection's picture. */
  image?: InputMaybe<CollectionImageInput>;
  /** The members, in their order: at most 2,000 at once, 10,000 in all. A collection with rules takes none. */
  productIds?: InputMaybe<Array<Scalars['ID']['input']>>;
  /** Whether shoppers see it; a new one is seen at once. */
  published?: InputMaybe<Scalars['Boolean']['input']>;
  /** From when shoppers see it; beside published: false it is INVALID. */
  publishedAt?: InputMaybe<Scalars['DateTime']['input']>;
  /** The rules that decide about the members; an empty list of rules leaves it to people again, with the members there are. */
  ruleSet?: InputMaybe<CollectionRuleSetInput>;
  /** What search engines are told. */
  seo?: InputMaybe<SeoInput>;
  /** The collection's own order; a new one has MANUAL. */
  sortKey?: InputMaybe<ProductCollectionSortKeys>;
  /** Whether its own order is turned around. */
  sortReverse?: InputMaybe<Scalars['Boolean']['input']>;
  /** The collection's name. */
  title?: InputMaybe<Scalars['String']['input']>;
};

/** What collections can be sorted by. */
export type CollectionSortKeys =
  /** The id. */
  | 'ID'
  /** How well it fits the query; without one the id. */
  | 'RELEVANCE'
  /** The title. */
  | 'TITLE'
  /** When the collection last changed. */
  | 'UPDATED_AT';

/** What is known of an invariant. */
export type ConsistencyState =
  /** It held when it was last looked at. */
  | 'OK'
  /** Looking takes too long beside shoppers, or nobody has looked yet. */
  | 'UNFINISHED'
  /** It did not hold when it was last looked at. */
  | 'VIOLATED';

/** What can be wrong with a change of what the shop says. */
export type ContentErrorCode =
  /** It is needed and empty. */
  | 'BLANK'
  /** It is not valid. */
  | 'INVALID'
  /** There is still something in it. */
  | 'NOT_EMPTY'
  /** There is no such thing. */
  | 'NOT_FOUND'
  /** The handle or the externalId is another one's. */
  | 'TAKEN'
  /** It is too long. */
  | 'TOO_LONG'
  /** There are too many. */
  | 'TOO_MANY'
  /** It has changed meanwhile. */
  | 'VERSION_CONFLICT';

/** How well a number is known. */
export type CountPrecision =
  /** There may be more. */
  | 'AT_LEAST'
  /** It is exact. */
  | 'EXACT';

/** A country, ISO 3166-1 alpha-2. */
export type CountryCode =
  /** Ascension Island. */
  | 'AC'
  /** Andorra. */
  | 'AD'
  /** United Arab Emirates. */
  | 'AE'
  /** Afghanistan. */
  | 'AF'
  /** Antigua & Barbuda. */
  | 'AG'
  /** Anguilla. */
  | 'AI'
  /** Albania. */
  | 'AL'
  /** Armenia. */
  | 'AM'
  /** Angola. */
  | 'AO'
  /** Antarctica. */
  | 'AQ'
  /** Argentina. */
  | 'AR'
  /** American Samoa. */
  | 'AS'
  /** Austria. */
  | 'AT'
  /** Australia. */
  | 'AU'
  /** Aruba. */
  | 'AW'
  /** Åland Islands. */
  | 'AX'
  /** Azerbaijan. */
  | 'AZ'
  /** Bosnia & Herzegovina. */
  | 'BA'
  /** Barbados. */
  | 'BB'
  /** Bangladesh. */
  | 'BD'
  /** Belgium. */
  | 'BE'
  /** Burkina Faso. */
  | 'BF'
  /** Bulgaria. */
  | 'BG'
  /** Bahrain. */
  | 'BH'
  /** Burundi. */
  | 'BI'
  /** Benin. */
  | 'BJ'
  /** St. Barthélemy. */
  | 'BL'
  /** Bermuda. */
  | 'BM'
  /** Brunei. */
  | 'BN'
  /** Bolivia. */
  | 'BO'
  /** Caribbean Netherlands. */
  | 'BQ'
  /** Brazil. */
  | 'BR'
  /** Bahamas. */
  | 'BS'
  /** Bhutan. */
  | 'BT'
  /** Myanmar (Burma). */
  | 'BU'
  /** Bouvet Island. */
  | 'BV'
  /** Botswana. */
  | 'BW'
  /** Belarus. */
  | 'BY'
  /** Belize. */
  | 'BZ'
  /** Canada. */
  | 'CA'
  /** Cocos (Keeling) Islands. */
  | 'CC'
  /** Congo - Kinshasa. */
  | 'CD'
  /** Central African Republic. */
  | 'CF'
  /** Congo - Brazzaville. */
  | 'CG'
  /** Switzerland. */
  | 'CH'
  /** Côte d’Ivoire. */
  | 'CI'
  /** Cook Islands. */
  | 'CK'
  /** Chile. */
  | 'CL'
  /** Cameroon. */
  | 'CM'
  /** China. */
  | 'CN'
  /** Colombia. */
  | 'CO'
  /** Clipperton Island. */
  | 'CP'
  /** Costa Rica. */
  | 'CR'
  /** Kiribati. */
  | 'CT'
  /** Cuba. */
  | 'CU'
  /** Cape Verde. */
  | 'CV'
  /** Curaçao. */
  | 'CW'
  /** Christmas Island. */
  | 'CX'
  /** Cyprus. */
  | 'CY'
  /** Czechia. */
  | 'CZ'
  /** Germany. */
  | 'DD'
  /** Germany. */
  | 'DE'
  /** Diego Garcia. */
  | 'DG'
  /** Djibouti. */
  | 'DJ'
  /** Denmark. */
  | 'DK'
  /** Dominica. */
  | 'DM'
  /** Dominican Republic. */
  | 'DO'
  /** Benin. */
  | 'DY'
  /** Algeria. */
  | 'DZ'
  /** Ceuta & Melilla. */
  | 'EA'
  /** Ecuador. */
  | 'EC'
  /** Estonia. */
  | 'EE'
  /** Egypt. */
  | 'EG'
  /** Western Sahara. */
  | 'EH'
  /** Eritrea. */
  | 'ER'
  /** Spain. */
  | 'ES'
  /** Ethiopia. */
  | 'ET'
  /** Finland. */
  | 'FI'
  /** Fiji. */
  | 'FJ'
  /** Falkland Islands. */
  | 'FK'
  /** Micronesia. */
  | 'FM'
  /** Faroe Islands. */
  | 'FO'
  /** France. */
  | 'FR'
  /** France. */
  | 'FX'
  /** Gabon. */
  | 'GA'
  /** United Kingdom. */
  | 'GB'
  /** Grenada. */
  | 'GD'
  /** Georgia. */
  | 'GE'
  /** French Guiana. */
  | 'GF'
  /** Guernsey. */
  | 'GG'
  /** Ghana. */
  | 'GH'
  /** Gibraltar. */
  | 'GI'
  /** Greenland. */
  | 'GL'
  /** Gambia. */
  | 'GM'
  /** Guinea. */
  | 'GN'
  /** Guadeloupe. */
  | 'GP'
  /** Equatorial Guinea. */
  | 'GQ'
  /** Greece. */
  | 'GR'
  /** South Georgia & South Sandwich Islands. */
  | 'GS'
  /** Guatemala. */
  | 'GT'
  /** Guam. */
  | 'GU'
  /** Guinea-Bissau. */
  | 'GW'
  /** Guyana. */
  | 'GY'
  /** Hong Kong SAR China. */
  | 'HK'
  /** Heard & McDonald Islands. */
  | 'HM'
  /** Honduras. */
  | 'HN'
  /** Croatia. */
  | 'HR'
  /** Haiti. */
  | 'HT'
  /** Hungary. */
  | 'HU'
  /** Burkina Faso. */
  | 'HV'
  /** Canary Islands. */
  | 'IC'
  /** Indonesia. */
  | 'ID'
  /** Ireland. */
  | 'IE'
  /** Israel. */
  | 'IL'
  /** Isle of Man. */
  | 'IM'
  /** India. */
  | 'IN'
  /** British Indian Ocean Territory. */
  | 'IO'
  /** Iraq. */
  | 'IQ'
  /** Iran. */
  | 'IR'
  /** Iceland. */
  | 'IS'
  /** Italy. */
  | 'IT'
  /** Jersey. */
  | 'JE'
  /** Jamaica. */
  | 'JM'
  /** Jordan. */
  | 'JO'
  /** Japan. */
  | 'JP'
  /** U.S. Outlying Islands. */
  | 'JT'
  /** Kenya. */
  | 'KE'
  /** Kyrgyzstan. */
  | 'KG'
  /** Cambodia. */
  | 'KH'
  /** Kiribati. */
  | 'KI'
  /** Comoros. */
  | 'KM'
  /** St. Kitts & Nevis. */
  | 'KN'
  /** North Korea. */
  | 'KP'
  /** South Korea. */
  | 'KR'
  /** Kuwait. */
  | 'KW'
  /** Cayman Islands. */
  | 'KY'
  /** Kazakhstan. */
  | 'KZ'
  /** Laos. */
  | 'LA'
  /** Lebanon. */
  | 'LB'
  /** St. Lucia. */
  | 'LC'
  /** Liechtenstein. */
  | 'LI'
  /** Sri Lanka. */
  | 'LK'
  /** Liberia. */
  | 'LR'
  /** Lesotho. */
  | 'LS'
  /** Lithuania. */
  | 'LT'
  /** Luxembourg. */
  | 'LU'
  /** Latvia. */
  | 'LV'
  /** Libya. */
  | 'LY'
  /** Morocco. */
  | 'MA'
  /** Monaco. */
  | 'MC'
  /** Moldova. */
  | 'MD'
  /** Montenegro. */
  | 'ME'
  /** St. Martin. */
  | 'MF'
  /** Madagascar. */
  | 'MG'
  /** Marshall Islands. */
  | 'MH'
  /** U.S. Outlying Islands. */
  | 'MI'
  /** Macedonia. */
  | 'MK'
  /** Mali. */
  | 'ML'
  /** Myanmar (Burma). */
  | 'MM'
  /** Mongolia. */
  | 'MN'
  /** Macau SAR China. */
  | 'MO'
  /** Northern Mariana Islands. */
  | 'MP'
  /** Martinique. */
  | 'MQ'
  /** Mauritania. */
  | 'MR'
  /** Montserrat. */
  | 'MS'
  /** Malta. */
  | 'MT'
  /** Mauritius. */
  | 'MU'
  /** Maldives. */
  | 'MV'
  /** Malawi. */
  | 'MW'
  /** Mexico. */
  | 'MX'
  /** Malaysia. */
  | 'MY'
  /** Mozambique. */
  | 'MZ'
  /** Namibia. */
  | 'NA'
  /** New Caledonia. */
  | 'NC'
  /** Niger. */
  | 'NE'
  /** Norfolk Island. */
  | 'NF'
  /** Nigeria. */
  | 'NG'
  /** Vanuatu. */
  | 'NH'
  /** Nicaragua. */
  | 'NI'
  /** Netherlands. */
  | 'NL'
  /** Norway. */
  | 'NO'
  /** Nepal. */
  | 'NP'
  /** Antarctica. */
  | 'NQ'
  /** Nauru. */
  | 'NR'
  /** Niue. */
  | 'NU'
  /** New Zealand. */
  | 'NZ'
  /** Oman. */
  | 'OM'
  /** Panama. */
  | 'PA'
  /** Peru. */
  | 'PE'
  /** French Polynesia. */
  | 'PF'
  /** Papua New Guinea. */
  | 'PG'
  /** Philippines. */
  | 'PH'
  /** Pakistan. */
  | 'PK'
  /** Poland. */
  | 'PL'
  /** St. Pierre & Miquelon. */
  | 'PM'
  /** Pitcairn Islands. */
  | 'PN'
  /** Puerto Rico. */
  | 'PR'
  /** Palestinian Territories. */
  | 'PS'
  /** Portugal. */
  | 'PT'
  /** U.S. Outlying Islands. */
  | 'PU'
  /** Palau. */
  | 'PW'
  /** Paraguay. */
  | 'PY'
  /** Panama. */
  | 'PZ'
  /** Qatar. */
  | 'QA'
  /** Réunion. */
  | 'RE'
  /** Zimbabwe. */
  | 'RH'
  /** Romania. */
  | 'RO'
  /** Serbia. */
  | 'RS'
  /** Russia. */
  | 'RU'
  /** Rwanda. */
  | 'RW'
  /** Saudi Arabia. */
  | 'SA'
  /** Solomon Islands. */
  | 'SB'
  /** Seychelles. */
  | 'SC'
  /** Sudan. */
  | 'SD'
  /** Sweden. */
  | 'SE'
  /** Singapore. */
  | 'SG'
  /** St. Helena. */
  | 'SH'
  /** Slovenia. */
  | 'SI'
  /** Svalbard & Jan Mayen. */
  | 'SJ'
  /** Slovakia. */
  | 'SK'
  /** Sierra Leone. */
  | 'SL'
  /** San Marino. */
  | 'SM'
  /** Senegal. */
  | 'SN'
  /** Somalia. */
  | 'SO'
  /** Suriname. */
  | 'SR'
  /** South Sudan. */
  | 'SS'
  /** São Tomé & Príncipe. */
  | 'ST'
  /** El Salvador. */
  | 'SV'
  /** Sint Maarten. */
  | 'SX'
  /** Syria. */
  | 'SY'
  /** Swaziland. */
  | 'SZ'
  /** Tristan da Cunha. */
  | 'TA'
  /** Turks & Caicos Islands. */
  | 'TC'
  /** Chad. */
  | 'TD'
  /** French Southern Territories. */
  | 'TF'
  /** Togo. */
  | 'TG'
  /** Thailand. */
  | 'TH'
  /** Tajikistan. */
  | 'TJ'
  /** Tokelau. */
  | 'TK'
  /** Timor-Leste. */
  | 'TL'
  /** Turkmenistan. */
  | 'TM'
  /** Tunisia. */
  | 'TN'
  /** Tonga. */
  | 'TO'
  /** Timor-Leste. */
  | 'TP'
  /** Turkey. */
  | 'TR'
  /** Trinidad & Tobago. */
  | 'TT'
  /** Tuvalu. */
  | 'TV'
  /** Taiwan. */
  | 'TW'
  /** Tanzania. */
  | 'TZ'
  /** Ukraine. */
  | 'UA'
  /** Uganda. */
  | 'UG'
  /** United Kingdom. */
  | 'UK'
  /** U.S. Outlying Islands. */
  | 'UM'
  /** United States. */
  | 'US'
  /** Uruguay. */
  | 'UY'
  /** Uzbekistan. */
  | 'UZ'
  /** Vatican City. */
  | 'VA'
  /** St. Vincent & Grenadines. */
  | 'VC'
  /** Vietnam. */
  | 'VD'
  /** Venezuela. */
  | 'VE'
  /** British Virgin Islands. */
  | 'VG'
  /** U.S. Virgin Islands. */
  | 'VI'
  /** Vietnam. */
  | 'VN'
  /** Vanuatu. */
  | 'VU'
  /** Wallis & Futuna. */
  | 'WF'
  /** U.S. Outlying Islands. */
  | 'WK'
  /** Samoa. */
  | 'WS'
  /** Kosovo. */
  | 'XK'
  /** Yemen. */
  | 'YD'
  /** Yemen. */
  | 'YE'
  /** Mayotte. */
  | 'YT'
  /** South Africa. */
  | 'ZA'
  /** Zambia. */
  | 'ZM'
  /** Congo - Kinshasa. */
  | 'ZR'
  /** Zimbabwe. */
  | 'ZW'
  /** An unknown region: nobody lives there. */
  | 'ZZ';

/** Which part of an image is kept. */
export type CropRegion =
  /** The bottom. */
  | 'BOTTOM'
  /** The middle. */
  | 'CENTER'
  /** The left side. */
  | 'LEFT'
  /** The right side. */
  | 'RIGHT'
  /** The top. */
  | 'TOP';

/** A currency: ISO 4217, and what the storefront's vocabulary has besides. */
export type CurrencyCode =
  /** ISO 4217 AED. */
  | 'AED'
  /** ISO 4217 AFN. */
  | 'AFN'
  /** ISO 4217 ALL. */
  | 'ALL'
  /** ISO 4217 AMD. */
  | 'AMD'
  /** ISO 4217 ANG. */
  | 'ANG'
  /** ISO 4217 AOA. */
  | 'AOA'
  /** ISO 4217 ARS. */
  | 'ARS'
  /** ISO 4217 AUD. */
  | 'AUD'
  /** ISO 4217 AWG. */
  | 'AWG'
  /** ISO 4217 AZN. */
  | 'AZN'
  /** ISO 4217 BAM. */
  | 'BAM'
  /** ISO 4217 BBD. */
  | 'BBD'
  /** ISO 4217 BDT. */
  | 'BDT'
  /** ISO 4217 BGN. */
  | 'BGN'
  /** ISO 4217 BHD. */
  | 'BHD'
  /** ISO 4217 BIF. */
  | 'BIF'
  /** ISO 4217 BMD. */
  | 'BMD'
  /** ISO 4217 BND. */
  | 'BND'
  /** ISO 4217 BOB. */
  | 'BOB'
  /** ISO 4217 BRL. */
  | 'BRL'
  /** ISO 4217 BSD. */
  | 'BSD'
  /** ISO 4217 BTN. */
  | 'BTN'
  /** ISO 4217 BWP. */
  | 'BWP'
  /** ISO 4217 BYN. */
  | 'BYN'
  /** ISO 4217 BYR, withdrawn. */
  | 'BYR'
  /** ISO 4217 BZD. */
  | 'BZD'
  /** ISO 4217 CAD. */
  | 'CAD'
  /** ISO 4217 CDF. */
  | 'CDF'
  /** ISO 4217 CHF. */
  | 'CHF'
  /** ISO 4217 CLF. */
  | 'CLF'
  /** ISO 4217 CLP. */
  | 'CLP'
  /** ISO 4217 CNY. */
  | 'CNY'
  /** ISO 4217 COP. */
  | 'COP'
  /** ISO 4217 CRC. */
  | 'CRC'
  /** ISO 4217 CUP. */
  | 'CUP'
  /** ISO 4217 CVE. */
  | 'CVE'
  /** ISO 4217 CZK. */
  | 'CZK'
  /** ISO 4217 DJF. */
  | 'DJF'
  /** ISO 4217 DKK. */
  | 'DKK'
  /** ISO 4217 DOP. */
  | 'DOP'
  /** ISO 4217 DZD. */
  | 'DZD'
  /** ISO 4217 EGP. */
  | 'EGP'
  /** ISO 4217 ERN. */
  | 'ERN'
  /** ISO 4217 ETB. */
  | 'ETB'
  /** ISO 4217 EUR. */
  | 'EUR'
  /** ISO 4217 FJD. */
  | 'FJD'
  /** ISO 4217 FKP. */
  | 'FKP'
  /** ISO 4217 GBP. */
  | 'GBP'
  /** ISO 4217 GEL. */
  | 'GEL'
  /** ISO 4217 GHS. */
  | 'GHS'
  /** ISO 4217 GIP. */
  | 'GIP'
  /** ISO 4217 GMD. */
  | 'GMD'
  /** ISO 4217 GNF. */
  | 'GNF'
  /** ISO 4217 GTQ. */
  | 'GTQ'
  /** ISO 4217 GYD. */
  | 'GYD'
  /** ISO 4217 HKD. */
  | 'HKD'
  /** ISO 4217 HNL. */
  | 'HNL'
  /** ISO 4217 HRK, withdrawn. */
  | 'HRK'
  /** ISO 4217 HTG. */
  | 'HTG'
  /** ISO 4217 HUF. */
  | 'HUF'
  /** ISO 4217 IDR. */
  | 'IDR'
  /** ISO 4217 ILS. */
  | 'ILS'
  /** ISO 4217 INR. */
  | 'INR'
  /** ISO 4217 IQD. */
  | 'IQD'
  /** ISO 4217 IRR. */
  | 'IRR'
  /** ISO 4217 ISK. */
  | 'ISK'
  /** The pound of Jersey, which ISO 4217 does not list. */
  | 'JEP'
  /** ISO 4217 JMD. */
  | 'JMD'
  /** ISO 4217 JOD. */
  | 'JOD'
  /** ISO 4217 JPY. */
  | 'JPY'
  /** ISO 4217 KES. */
  | 'KES'
  /** ISO 4217 KGS. */
  | 'KGS'
  /** ISO 4217 KHR. */
  | 'KHR'
  /** The dollar of Kiribati, which ISO 4217 does not list. */
  | 'KID'
  /** ISO 4217 KMF. */
  | 'KMF'
  /** ISO 4217 KPW. */
  | 'KPW'
  /** ISO 4217 KRW. */
  | 'KRW'
  /** ISO 4217 KWD. */
  | 'KWD'
  /** ISO 4217 KYD. */
  | 'KYD'
  /** ISO 4217 KZT. */
  | 'KZT'
  /** ISO 4217 LAK. */
  | 'LAK'
  /** ISO 4217 LBP. */
  | 'LBP'
  /** ISO 4217 LKR. */
  | 'LKR'
  /** ISO 4217 LRD. */
  | 'LRD'
  /** ISO 4217 LSL. */
  | 'LSL'
  /** ISO 4217 LTL, withdrawn. */
  | 'LTL'
  /** ISO 4217 LVL, withdrawn. */
  | 'LVL'
  /** ISO 4217 LYD. */
  | 'LYD'
  /** ISO 4217 MAD. */
  | 'MAD'
  /** ISO 4217 MDL. */
  | 'MDL'
  /** ISO 4217 MGA. */
  | 'MGA'
  /** ISO 4217 MKD. */
  | 'MKD'
  /** ISO 4217 MMK. */
  | 'MMK'
  /** ISO 4217 MNT. */
  | 'MNT'
  /** ISO 4217 MOP. */
  | 'MOP'
  /** ISO 4217 MRU. */
  | 'MRU'
  /** ISO 4217 MUR. */
  | 'MUR'
  /** ISO 4217 MVR. */
  | 'MVR'
  /** ISO 4217 MWK. */
  | 'MWK'
  /** ISO 4217 MXN. */
  | 'MXN'
  /** ISO 4217 MYR. */
  | 'MYR'
  /** ISO 4217 MZN. */
  | 'MZN'
  /** ISO 4217 NAD. */
  | 'NAD'
  /** ISO 4217 NGN. */
  | 'NGN'
  /** ISO 4217 NIO. */
  | 'NIO'
  /** ISO 4217 NOK. */
  | 'NOK'
  /** ISO 4217 NPR. */
  | 'NPR'
  /** ISO 4217 NZD. */
  | 'NZD'
  /** ISO 4217 OMR. */
  | 'OMR'
  /** ISO 4217 PAB. */
  | 'PAB'
  /** ISO 4217 PEN. */
  | 'PEN'
  /** ISO 4217 PGK. */
  | 'PGK'
  /** ISO 4217 PHP. */
  | 'PHP'
  /** ISO 4217 PKR. */
  | 'PKR'
  /** ISO 4217 PLN. */
  | 'PLN'
  /** ISO 4217 PYG. */
  | 'PYG'
  /** ISO 4217 QAR. */
  | 'QAR'
  /** ISO 4217 RON. */
  | 'RON'
  /** ISO 4217 RSD. */
  | 'RSD'
  /** ISO 4217 RUB. */
  | 'RUB'
  /** ISO 4217 RWF. */
  | 'RWF'
  /** ISO 4217 SAR. */
  | 'SAR'
  /** ISO 4217 SBD. */
  | 'SBD'
  /** ISO 4217 SCR. */
  | 'SCR'
  /** ISO 4217 SDG. */
  | 'SDG'
  /** ISO 4217 SEK. */
  | 'SEK'
  /** ISO 4217 SGD. */
  | 'SGD'
  /** ISO 4217 SHP. */
  | 'SHP'
  /** ISO 4217 SLL, withdrawn. */
  | 'SLL'
  /** ISO 4217 SOS. */
  | 'SOS'
  /** ISO 4217 SRD. */
  | 'SRD'
  /** ISO 4217 SSP. */
  | 'SSP'
  /** ISO 4217 STD, withdrawn. */
  | 'STD'
  /** ISO 4217 STN. */
  | 'STN'
  /** ISO 4217 SVC, withdrawn. */
  | 'SVC'
  /** ISO 4217 SYP. */
  | 'SYP'
  /** ISO 4217 SZL. */
  | 'SZL'
  /** ISO 4217 THB. */
  | 'THB'
  /** ISO 4217 TJS. */
  | 'TJS'
  /** ISO 4217 TMT. */
  | 'TMT'
  /** ISO 4217 TND. */
  | 'TND'
  /** ISO 4217 TOP. */
  | 'TOP'
  /** ISO 4217 TRY. */
  | 'TRY'
  /** ISO 4217 TTD. */
  | 'TTD'
  /** ISO 4217 TWD. */
  | 'TWD'
  /** ISO 4217 TZS. */
  | 'TZS'
  /** ISO 4217 UAH. */
  | 'UAH'
  /** ISO 4217 UGX. */
  | 'UGX'
  /** ISO 4217 USD. */
  | 'USD'
  /** ISO 4217 UYU. */
  | 'UYU'
  /** ISO 4217 UZS. */
  | 'UZS'
  /** ISO 4217 VED. */
  | 'VED'
  /** ISO 4217 VEF, withdrawn. */
  | 'VEF'
  /** ISO 4217 VES. */
  | 'VES'
  /** ISO 4217 VND. */
  | 'VND'
  /** ISO 4217 VUV. */
  | 'VUV'
  /** ISO 4217 WST. */
  | 'WST'
  /** ISO 4217 XAF. */
  | 'XAF'
  /** ISO 4217 XCD. */
  | 'XCD'
  /** ISO 4217 XOF. */
  | 'XOF'
  /** ISO 4217 XPF. */
  | 'XPF'
  /** ISO 4217 XXX: no currency, or one that is not known. */
  | 'XXX'
  /** ISO 4217 YER. */
  | 'YER'
  /** ISO 4217 ZAR. */
  | 'ZAR'
  /** ISO 4217 ZMW. */
  | 'ZMW';

/** A customer's e-mail and password. */
export type CustomerAccessTokenCreateInput = {
  /** The e-mail address. */
  email: Scalars['String']['input'];
  /** The password. */
  password: Scalars['String']['input'];
};

/** Who a new customer is. */
export type CustomerCreateInput = {
  /** Whether the customer wants to hear from the shop. */
  acceptsMarketing?: InputMaybe<Scalars['Boolean']['input']>;
  /** The e-mail address. */
  email: Scalars['String']['input'];
  /** The first name. */
  firstName?: InputMaybe<Scalars['String']['input']>;
  /** The last name. */
  lastName?: InputMaybe<Scalars['String']['input']>;
  /** The password, 5 to 72 bytes of text without white space at its ends. */
  password: Scalars['String']['input'];
  /** The phone number with its country, such as +14155550123. */
  phone?: InputMaybe<Scalars['String']['input']>;
};

/** Whose personal data is exported: the customer's of a token, or, for staff and partners, any customer's. */
export type CustomerDataExportInput = {
  /** A token from customerAccessTokenCreate. */
  customerAccessToken?: InputMaybe<Scalars['String']['input']>;
  /** The customer's id. Needs `customers:read` unless it is the caller's own. */
  customerId?: InputMaybe<Scalars['ID']['input']>;
};

/** What can be asked for with a customer's personal data. */
export type CustomerDataRequestKind =
  /** Everything that goes back to the person is forgotten. What was bought and paid stays, without a name. */
  | 'ERASE'
  /** All of it is put into one document. */
  | 'EXPORT';

/** Where a request about a customer's personal data stands. */
export type CustomerDataRequestStatus =
  /** All is done. */
  | 'DONE'
  /** It is worked on. */
  | 'RUNNING'
  /** The account is gone. The rest goes by itself once the orders that the reason names are over. */
  | 'WAITING';

/** Whose personal data is erased: the customer's of a token, or, for staff and partners, any customer's. */
export type CustomerEraseInput = {
  /** A token from customerAccessTokenCreate. */
  customerAccessToken?: InputMaybe<Scalars['String']['input']>;
  /** The customer's id. Needs `customers:write` unless it is the caller's own. */
  customerId?: InputMaybe<Scalars['ID']['input']>;
  /** The customer's password, which customers give when they ask for themselves. A wrong one counts as a try to sign in. */
  password?: InputMaybe<Scalars['String']['input']>;
};

/** What can be wrong with what was said of a customer. */
export type CustomerErrorCode =
  /** The account is already in use. */
  | 'ALREADY_ENABLED'
  /** The e-mail's domain does not exist. */
  | 'BAD_DOMAIN'
  /** Something needed is empty. */
  | 'BLANK'
  /** HTML is not allowed here. */
  | 'CONTAINS_HTML_TAGS'
  /** Web addresses are not allowed here. */
  | 'CONTAINS_URL'
  /** The account was closed. */
  | 'CUSTOMER_DISABLED'
  /** It is not valid. */
  | 'INVALID'
  /** The single sign-on request is not valid. */
  | 'INVALID_MULTIPASS_REQUEST'
  /** There is no such thing. */
  | 'NOT_FOUND'
  /** A password may not start or end with white space. */
  | 'PASSWORD_STARTS_OR_ENDS_WITH_WHITESPACE'
  /** Somebody else has it. */
  | 'TAKEN'
  /** The token is not valid. */
  | 'TOKEN_INVALID'
  /** It is too long. */
  | 'TOO_LONG'
  /** It is too short. */
  | 'TOO_SHORT'
  /** E-mail and password do not fit together. */
  | 'UNIDENTIFIED_CUSTOMER';

/** A new password, and the token that a letter brought. */
export type CustomerResetInput = {
  /** The new password, 5 to 72 bytes of text without white space at its ends. */
  password: Scalars['String']['input'];
  /** The token of the letter. It works once. */
  resetToken: Scalars['String']['input'];
};

/** What a list of customers can be sorted by. */
export type CustomerSortKeys =
  /** When the account was made. */
  | 'CREATED_AT'
  /** The e-mail address. */
  | 'EMAIL'
  /** The id. */
  | 'ID'
  /** When the account was changed last. */
  | 'UPDATED_AT';

/** What changes of a customer; what is not given stays. */
export type CustomerUpdateInput = {
  /** Whether the customer wants to hear from the shop. */
  acceptsMarketing?: InputMaybe<Scalars['Boolean']['input']>;
  /** The e-mail address. A new one must be confirmed again. */
  email?: InputMaybe<Scalars['String']['input']>;
  /** The first name; null or an empty text takes it away. */
  firstName?: InputMaybe<Scalars['String']['input']>;
  /** The last name; null or an empty text takes it away. */
  lastName?: InputMaybe<Scalars['String']['input']>;
  /** A new password, 5 to 72 bytes of text without white space at its ends. All logins end, and a new one is given. */
  password?: InputMaybe<Scalars['String']['input']>;
  /** The phone number with its country, such as +14155550123; null or an empty text takes it away. */
  phone?: InputMaybe<Scalars['String']['input']>;
};

/** To whom the letter is sent that asks to confirm the e-mail address. */
export type CustomerVerificationSendInput = {
  /** A token from customerAccessTokenCreate. */
  customerAccessToken: Scalars['String']['input'];
};

/** The token of a letter that asks to confirm an e-mail address. */
export type CustomerVerifyInput = {
  /** The token. It works once. */
  token: Scalars['String']['input'];
};

/** How closely an address is looked at when it comes into a cart. Placing the cart always looks at all of it. */
export type DeliveryAddressValidationStrategy =
  /** The country must be there, and nothing that could not be kept. */
  | 'COUNTRY_CODE_ONLY'
  /** It must be complete and possible. */
  | 'STRICT';

/** How things reach the shopper. */
export type DeliveryMethodType =
  /** By a local courier. */
  | 'LOCAL'
  /** Nothing is delivered. */
  | 'NONE'
  /** At a pick-up point of a carrier. */
  | 'PICKUP_POINT'
  /** In a store. */
  | 'PICK_UP'
  /** At the counter, at once. */
  | 'RETAIL'
  /** By a carrier. */
  | 'SHIPPING';

/** What a discount reduces. */
export type DiscountApplicationTargetType =
  /** The lines. */
  | 'LINE_ITEM'
  /** The shipping. */
  | 'SHIPPING_LINE';

/** What is written into a file. */
export type ExportKind =
  /** Products with their variants, options, images and collections: the columns of a product import. */
  | 'PRODUCTS'
  /** What lies at each location: the columns of an import of stock, and what of it is promised, damaged, kept back and on its way. Needs `inventory:read`. */
  | 'STOCK';

/** What can be wrong with an import or an export. */
export type FileErrorCode =
  /** It is needed and empty. */
  | 'BLANK'
  /** It is not valid. */
  | 'INVALID'
  /** There is no such thing. */
  | 'NOT_FOUND'
  /** The externalId is that of another import. */
  | 'TAKEN'
  /** It is too long. */
  | 'TOO_LONG';

/** Why the work on a file failed. */
export type FileJobFailure =
  /** The file could not be fetched from its address: its problem says why. */
  | 'FETCH_FAILED'
  /** Something went wrong on our side, several times. */
  | 'INTERNAL'
  /** The file is wrong: its problems say where. Nothing of it was written. */
  | 'INVALID_FILE';

/** How far the work on a file is. */
export type FileJobState =
  /** The file is to be posted. */
  | 'AWAITING_FILE'
  /** Somebody has ended it. */
  | 'CANCELED'
  /** The whole file is read; nothing is written yet. */
  | 'CHECKING'
  /** It has ended well. */
  | 'DONE'
  /** It has ended; failure says why. */
  | 'FAILED'
  /** Its file is fetched from its address. */
  | 'FETCHING'
  /** It is worked on. */
  | 'RUNNING'
  /** It waits for its turn. */
  | 'WAITING';

/** Whose metafield products are filtered by. */
export type FilterOwner =
  /** The product's. */
  | 'PRODUCT'
  /** A variant's. */
  | 'VARIANT';

/** How the values of a filter are best shown. */
export type FilterPresentation =
  /** By images. */
  | 'IMAGE'
  /** By swatches. */
  | 'SWATCH'
  /** By their names. */
  | 'TEXT';

/** A metafield that shoppers may filter products by. */
export type FilterSettingInput = {
  /** The metafield's key. */
  key: Scalars['String']['input'];
  /** What the filter is called; the key when absent. */
  label?: InputMaybe<Scalars['String']['input']>;
  /** The metafield's namespace. */
  namespace: Scalars['String']['input'];
  /** Whose metafield it is. */
  owner: FilterOwner;
};

/** The whole of what shoppers may filter products by, besides what every shop has. */
export type FilterSettingsSetInput = {
  /** The metafields, in the order in which the filters stand; at most 50. */
  metafields: Array<FilterSettingInput>;
};

/** How a filter is set. */
export type FilterType =
  /** To yes or no. */
  | 'BOOLEAN'
  /** To any of its values. */
  | 'LIST'
  /** To a range of prices. */
  | 'PRICE_RANGE';

/** A place on earth, WGS 84. */
export type GeoCoordinateInput = {
  /** Degrees north, -90 to 90. */
  latitude: Scalars['Float']['input'];
  /** Degrees east, -180 to 180. */
  longitude: Scalars['Float']['input'];
};

/** What gift card to issue. */
export type GiftCardCreateInput = {
  /** Its code: 8 to 64 letters and digits, beside spaces and hyphens. Left out, the shop makes one that can't be guessed. */
  code?: InputMaybe<Scalars['String']['input']>;
  /** For whom it is issued. */
  customerId?: InputMaybe<Scalars['ID']['input']>;
  /** Until when it can pay, a time to come; left out, for ever. */
  expiresAt?: InputMaybe<Scalars['DateTime']['input']>;
  /** A key of the caller's choice, 1 to 255 characters. */
  idempotencyKey: Scalars['String']['input'];
  /** What it is issued with, in the shop's currency. */
  initialValue: MoneyInput;
  /** A note of the staff. */
  note?: InputMaybe<Scalars['String']['input']>;
};

/** Which gift card pays no more. */
export type GiftCardDisableInput = {
  /** The card's id. */
  id: Scalars['ID']['input'];
};

/** What moves a gift card's money. */
export type GiftCardMovementKind =
  /** The card was issued. */
  | 'ISSUED'
  /** It has paid for an order. */
  | 'REDEEMED'
  /** The shop has given money of an order back to it. */
  | 'REFUNDED'
  /** That order was cancelled or has expired. */
  | 'RETURNED';

/** The name of a metafield. */
export type HasMetafieldsIdentifier = {
  /** The name within the namespace. */
  key: Scalars['String']['input'];
  /** The group that the name belongs to; custom where none is named. */
  namespace?: InputMaybe<Scalars['String']['input']>;
};

/** A format of images. */
export type ImageContentType =
  /** JPEG. */
  | 'JPG'
  /** PNG. */
  | 'PNG'
  /** WebP. */
  | 'WEBP';

/** How an image should be changed. */
export type ImageTransformInput = {
  /** Which part is kept when the image is cropped. */
  crop?: InputMaybe<CropRegion>;
  /** The largest height in pixels. */
  maxHeight?: InputMaybe<Scalars['Int']['input']>;
  /** The largest width in pixels. */
  maxWidth?: InputMaybe<Scalars['Int']['input']>;
  /** The format that is preferred. */
  preferredContentType?: InputMaybe<ImageContentType>;
  /** The factor for dense screens, 1 to 3. */
  scale?: InputMaybe<Scalars['Int']['input']>;
};

/** What the rows of a file are about. */
export type ImportKind =
  /** Stores and warehouses: a JSON list of objects with id, name, address, hours and what else a location has. One is found again by its id. */
  | 'LOCATIONS'
  /** Products with their variants, options, images and collections: the columns of a product export. One is found again by its External ID, where the row has one, else by its handle. */
  | 'PRODUCTS'
  /** What lies at each location: Location, On hand, and SKU or Handle with the option values. Each shelf is set to what the file says, with the import as the cause. */
  | 'STOCK';

/** What becomes of a file of which some rows are wrong. */
export type ImportMode =
  /** Nothing of it is written. */
  | 'ALL_OR_NOTHING'
  /** Products all of whose rows are right are written; the others are reported. */
  | 'GOOD_ROWS';

/** Counts figures of shelves up and down, all of them or none. */
export type InventoryAdjustInput = {
  /** What changes, 1 to 250 figures. */
  changes: Array<InventoryChangeInput>;
  /** A key of the caller's choice, 1 to 255 characters. */
  idempotencyKey: Scalars['String']['input'];
  /** Why. */
  reason: InventoryReason;
  /** The caller's own words, such as the number of a delivery note; at most 255 characters. */
  reference?: InputMaybe<Scalars['String']['input']>;
};

/** Says how the shop chooses among the locations that ship; what is left out stays as it is. */
export type InventoryAllocationSetInput = {
  /** The order in which locations are used, at most 250; an empty list takes it back. */
  locationPriorityIds?: InputMaybe<Array<Scalars['ID']['input']>>;
  /** How it chooses. */
  strategy?: InputMaybe<InventoryAllocationStrategy>;
};

/** A way to choose among the locations that ship. */
export type InventoryAllocationStrategy =
  /** As few locations as have everything; of several choices the one that comes first in the order that staff have set. */
  | 'FEWEST_SPLITS'
  /** The closest to the shopper first: by distance where both places are known, else by country, province and postal code. */
  | 'NEAREST'
  /** In the order that staff have set. */
  | 'PRIORITY';

/** By how much one figure of one shelf changes. */
export type InventoryChangeInput = {
  /** By how much, not 0. */
  delta: Scalars['Int']['input'];
  /** The level's version that the caller saw; another one refuses. */
  expectedVersion?: InputMaybe<Scalars['Int']['input']>;
  /** The location's id. */
  locationId: Scalars['ID']['input'];
  /** Which figure. */
  quantity?: InputMaybe<InventoryQuantity>;
  /** The variant's id. A variant whose stock was not tracked is tracked from now on. */
  variantId: Scalars['ID']['input'];
};

/** What can be wrong with a change of stock. */
export type InventoryErrorCode =
  /** The units on hand are not those that the caller's figures rest on. */
  | 'COMPARE_FAILED'
  /** Units of the variant are on shelves, promised or on their way; quantityAvailable says how many lie there. */
  | 'HAS_STOCK'
  /** The key was used with other input. */
  | 'IDEMPOTENCY_KEY_REUSED'
  /** More is promised to orders than would be left. */
  | 'INSUFFICIENT_STOCK'
  /** It is not valid. */
  | 'INVALID'
  /** The stock of a bundle is its components'. */
  | 'IS_BUNDLE'
  /** There is no such location, or its stock is not the caller's to change. */
  | 'LOCATION_NOT_FOUND'
  /** A bundle can't be part of a bundle. */
  | 'NESTED_BUNDLE'
  /** The transfer can't do that any more. */
  | 'NOT_ALLOWED'
  /** Nobody has counted the variant yet. */
  | 'NOT_TRACKED'
  /** A quantity is too small or too large. */
  | 'QUANTITY_OUT_OF_RANGE'
  /** It is too long. */
  | 'TOO_LONG'
  /** There is no such transfer. */
  | 'TRANSFER_NOT_FOUND'
  /** There is no such variant. */
  | 'VARIANT_NOT_FOUND'
  /** It has changed since; currentVersion says what it is. */
  | 'VERSION_CONFLICT';

/** What the figures of one shelf are, at least one of them; what is left out stays as it is. */
export type InventoryLevelInput = {
  /** How far the location may promise beyond its shelf; 1000000000 is without a bound. */
  backorderLimit?: InputMaybe<Scalars['Int']['input']>;
  /** The units on hand on which the caller's figures rest; others refuse. */
  compareOnHand?: InputMaybe<Scalars['Int']['input']>;
  /** Units that are there and can't be sold. */
  damaged?: InputMaybe<Scalars['Int']['input']>;
  /** The level's version that the caller saw; another one refuses. */
  expectedVersion?: InputMaybe<Scalars['Int']['input']>;
  /** The location's id. */
  locationId: Scalars['ID']['input'];
  /** With so many left to promise, or fewer, the shelf is LOW; 0 is never. */
  lowStockThreshold?: InputMaybe<Scalars['Int']['input']>;
  /** Units on the shelf, damaged ones and safety stock included. What is promised to orders must stay covered. */
  onHand?: InputMaybe<Scalars['Int']['input']>;
  /** Units that are there and not offered. */
  safetyStock?: InputMaybe<Scalars['Int']['input']>;
  /** The variant's id. A variant whose stock was not tracked is tracked from now on. */
  variantId: Scalars['ID']['input'];
};

/** Whether a variant is sold when none is on a shelf. */
export type InventoryPolicy =
  /** It is, up to its shelves' backorder limits. */
  | 'CONTINUE'
  /** It is not. */
  | 'DENY';

/** Says how a variant is sold beyond its shelves. What is left out stays, and null takes `availableFrom` and `restockDays` away; CONTINUE without a limit is without a bound. */
export type InventoryPolicySetInput = {
  /** From when it is on sale; nothing is promised for an earlier day, and a day that is past holds nothing back. Left out it stays, null takes it away. */
  availableFrom?: InputMaybe<Scalars['DateTime']['input']>;
  /** With CONTINUE: how far each shelf may promise beyond itself; left out without a bound. */
  backorderLimit?: InputMaybe<Scalars['Int']['input']>;
  /** The item's version that the caller saw; another one refuses. */
  expectedVersion?: InputMaybe<Scalars['Int']['input']>;
  /** A key of the caller's choice, 1 to 255 characters. */
  idempotencyKey: Scalars['String']['input'];
  /** DENY promises nothing more beyond the shelves: what they owe already stays promised, and what of it is served or given back is never promised again. Left out, the shelves' limits stay. A bundle has none of its own. */
  inventoryPolicy?: InputMaybe<InventoryPolicy>;
  /** With a policy: the locations whose shelves are meant; left out for all that there are. */
  locationIds?: InputMaybe<Array<Scalars['ID']['input']>>;
  /** Within how many days new units come when none are on their way, 0 to 3650. Left out it stays, null takes it away. */
  restockDays?: InputMaybe<Scalars['Int']['input']>;
  /** The variant's id. A variant whose stock was not tracked is tracked from now on. */
  variantId: Scalars['ID']['input'];
};

/** A figure of a shelf that is counted up and down. */
export type InventoryQuantity =
  /** Units that are there and can't be sold. They stay on hand. */
  | 'DAMAGED'
  /** Units on the shelf. */
  | 'ON_HAND'
  /** Units that are there and not offered. They stay on hand. */
  | 'SAFETY_STOCK';

/** Why stock is changed. */
export type InventoryReason =
  /** The figure was wrong. */
  | 'CORRECTION'
  /** Somebody has counted. */
  | 'COUNT'
  /** Something broke, or was mended. */
  | 'DAMAGED'
  /** It was stolen, or can't be found. */
  | 'LOST'
  /** Something else. */
  | 'OTHER'
  /** Goods came in. */
  | 'RECEIVED'
  /** A shopper has brought something back. */
  | 'RETURNED'
  /** Goods went to another location, or came from one. */
  | 'TRANSFER';

/** Units of one variant that have come in. */
export type InventoryReceivedLineInput = {
  /** How many of them are broken. */
  damaged?: InputMaybe<Scalars['Int']['input']>;
  /** How many, broken ones included: at least 1, or with close at least 0. */
  quantity: Scalars['Int']['input'];
  /** The variant's id. */
  variantId: Scalars['ID']['input'];
};

/** Says what figures of shelves are, all of them or none. */
export type InventorySetInput = {
  /** A key of the caller's choice, 1 to 255 characters. */
  idempotencyKey: Scalars['String']['input'];
  /** The shelves, 1 to 250. */
  levels: Array<InventoryLevelInput>;
  /** Why. */
  reason: InventoryReason;
  /** The caller's own words; at most 255 characters. */
  reference?: InputMaybe<Scalars['String']['input']>;
};

/** Whether a shelf needs attention. */
export type InventoryState =
  /** There is enough. */
  | 'IN'
  /** As many as the threshold are left to promise, or fewer. */
  | 'LOW'
  /** Nothing is left to promise, backorders not counted. */
  | 'OUT';

/** Calls off what of a transfer has not come in. */
export type InventoryTransferCancelInput = {
  /** The version that the caller saw; a later one refuses. */
  expectedVersion?: InputMaybe<Scalars['Int']['input']>;
  /** A key of the caller's choice, 1 to 255 characters. */
  idempotencyKey: Scalars['String']['input'];
  /** Whether it is lost: then nothing goes back to the origin, and it counts as missing. */
  lost?: InputMaybe<Scalars['Boolean']['input']>;
  /** The transfer's id. */
  transferId: Scalars['ID']['input'];
};

/** Sends goods to a location. */
export type InventoryTransferCreateInput = {
  /** Where they go. */
  destinationLocationId: Scalars['ID']['input'];
  /** When they should be there. */
  expectedAt?: InputMaybe<Scalars['DateTime']['input']>;
  /** A key of the caller's choice, 1 to 255 characters. */
  idempotencyKey: Scalars['String']['input'];
  /** What is sent, 1 to 250 variants. */
  lines: Array<InventoryTransferLineInput>;
  /** Where they come from; left out for a supplier. They leave its shelves at once. */
  originLocationId?: InputMaybe<Scalars['ID']['input']>;
  /** The caller's own words; at most 255 characters. */
  reference?: InputMaybe<Scalars['String']['input']>;
};

/** Units of one variant to be sent. */
export type InventoryTransferLineInput = {
  /** How many, at least 1. */
  quantity: Scalars['Int']['input'];
  /** The variant's id. */
  variantId: Scalars['ID']['input'];
};

/** Says what of a transfer has come in. */
export type InventoryTransferReceiveInput = {
  /** Whether the rest will never come: what lines do not name, and what they name less than was sent, is given up. A transfer of which nothing has come in is not closed but canceled. */
  close?: InputMaybe<Scalars['Boolean']['input']>;
  /** The version that the caller saw; a later one refuses. */
  expectedVersion?: InputMaybe<Scalars['Int']['input']>;
  /** A key of the caller's choice, 1 to 255 characters. */
  idempotencyKey: Scalars['String']['input'];
  /** What has come in, 1 to 250 variants. Left out for everything that is on its way; with close it is needed. */
  lines?: InputMaybe<Array<InventoryReceivedLineInput>>;
  /** The transfer's id. */
  transferId: Scalars['ID']['input'];
};

/** How far a transfer has come. */
export type InventoryTransferState =
  /** What had not come in went back, or was lost. */
  | 'CANCELED'
  /** Something is on its way. */
  | 'IN_TRANSIT'
  /** Nothing more is expected of it. */
  | 'RECEIVED';

/** A language, ISO 639, with a region where the written form differs. */
export type LanguageCode =
  /** Afar. */
  | 'AA'
  /** Abkhazian. */
  | 'AB'
  /** Avestan. */
  | 'AE'
  /** Afrikaans. */
  | 'AF'
  /** Akan. */
  | 'AK'
  /** Amharic. */
  | 'AM'
  /** Aragonese. */
  | 'AN'
  /** Arabic. */
  | 'AR'
  /** Assamese. */
  | 'AS'
  /** Avaric. */
  | 'AV'
  /** Aymara. */
  | 'AY'
  /** Azerbaijani. */
  | 'AZ'
  /** Bashkir. */
  | 'BA'
  /** Belarusian. */
  | 'BE'
  /** Bulgarian. */
  | 'BG'
  /** Bhojpuri. */
  | 'BH'
  /** Bislama. */
  | 'BI'
  /** Bambara. */
  | 'BM'
  /** Bangla. */
  | 'BN'
  /** Tibetan. */
  | 'BO'
  /** Breton. */
  | 'BR'
  /** Bosnian. */
  | 'BS'
  /** Catalan. */
  | 'CA'
  /** Chechen. */
  | 'CE'
  /** Chamorro. */
  | 'CH'
  /** Central Kurdish. */
  | 'CKB'
  /** Corsican. */
  | 'CO'
  /** Cree. */
  | 'CR'
  /** Czech. */
  | 'CS'
  /** Church Slavic. */
  | 'CU'
  /** Chuvash. */
  | 'CV'
  /** Welsh. */
  | 'CY'
  /** Danish. */
  | 'DA'
  /** German. */
  | 'DE'
  /** Divehi. */
  | 'DV'
  /** Dzongkha. */
  | 'DZ'
  /** Ewe. */
  | 'EE'
  /** Greek. */
  | 'EL'
  /** English. */
  | 'EN'
  /** Esperanto. */
  | 'EO'
  /** Spanish. */
  | 'ES'
  /** Estonian. */
  | 'ET'
  /** Basque. */
  | 'EU'
  /** Persian. */
  | 'FA'
  /** Fulah. */
  | 'FF'
  /** Finnish. */
  | 'FI'
  /** Filipino. */
  | 'FIL'
  /** Fijian. */
  | 'FJ'
  /** Faroese. */
  | 'FO'
  /** French. */
  | 'FR'
  /** Western Frisian. */
  | 'FY'
  /** Irish. */
  | 'GA'
  /** Scottish Gaelic. */
  | 'GD'
  /** Galician. */
  | 'GL'
  /** Guarani. */
  | 'GN'
  /** Gujarati. */
  | 'GU'
  /** Manx. */
  | 'GV'
  /** Hausa. */
  | 'HA'
  /** Hebrew. */
  | 'HE'
  /** Hindi. */
  | 'HI'
  /** Hiri Motu. */
  | 'HO'
  /** Croatian. */
  | 'HR'
  /** Haitian Creole. */
  | 'HT'
  /** Hungarian. */
  | 'HU'
  /** Armenian. */
  | 'HY'
  /** Herero. */
  | 'HZ'
  /** Interlingua. */
  | 'IA'
  /** Indonesian. */
  | 'ID'
  /** Interlingue. */
  | 'IE'
  /** Igbo. */
  | 'IG'
  /** Sichuan Yi. */
  | 'II'
  /** Inupiaq. */
  | 'IK'
  /** Indonesian. */
  | 'IN'
  /** Ido. */
  | 'IO'
  /** Icelandic. */
  | 'IS'
  /** Italian. */
  | 'IT'
  /** Inuktitut. */
  | 'IU'
  /** Hebrew. */
  | 'IW'
  /** Japanese. */
  | 'JA'
  /** Yiddish. */
  | 'JI'
  /** Javanese. */
  | 'JV'
  /** Javanese. */
  | 'JW'
  /** Georgian. */
  | 'KA'
  /** Kongo. */
  | 'KG'
  /** Kikuyu. */
  | 'KI'
  /** Kuanyama. */
  | 'KJ'
  /** Kazakh. */
  | 'KK'
  /** Kalaallisut. */
  | 'KL'
  /** Khmer. */
  | 'KM'
  /** Kannada. */
  | 'KN'
  /** Korean. */
  | 'KO'
  /** Kanuri. */
  | 'KR'
  /** Kashmiri. */
  | 'KS'
  /** Kurdish. */
  | 'KU'
  /** Komi. */
  | 'KV'
  /** Cornish. */
  | 'KW'
  /** Kyrgyz. */
  | 'KY'
  /** Latin. */
  | 'LA'
  /** Luxembourgish. */
  | 'LB'
  /** Ganda. */
  | 'LG'
  /** Limburgish. */
  | 'LI'
  /** Lingala. */
  | 'LN'
  /** Lao. */
  | 'LO'
  /** Lithuanian. */
  | 'LT'
  /** Luba-Katanga. */
  | 'LU'
  /** Latvian. */
  | 'LV'
  /** Malagasy. */
  | 'MG'
  /** Marshallese. */
  | 'MH'
  /** Maori. */
  | 'MI'
  /** Macedonian. */
  | 'MK'
  /** Malayalam. */
  | 'ML'
  /** Mongolian. */
  | 'MN'
  /** Moldavian. */
  | 'MO'
  /** Marathi. */
  | 'MR'
  /** Malay. */
  | 'MS'
  /** Maltese. */
  | 'MT'
  /** Burmese. */
  | 'MY'
  /** Nauru. */
  | 'NA'
  /** Norwegian Bokmål. */
  | 'NB'
  /** North Ndebele. */
  | 'ND'
  /** Nepali. */
  | 'NE'
  /** Ndonga. */
  | 'NG'
  /** Dutch. */
  | 'NL'
  /** Norwegian Nynorsk. */
  | 'NN'
  /** Norwegian Bokmål. */
  | 'NO'
  /** South Ndebele. */
  | 'NR'
  /** Navajo. */
  | 'NV'
  /** Nyanja. */
  | 'NY'
  /** Occitan. */
  | 'OC'
  /** Ojibwa. */
  | 'OJ'
  /** Oromo. */
  | 'OM'
  /** Odia. */
  | 'OR'
  /** Ossetic. */
  | 'OS'
  /** Punjabi. */
  | 'PA'
  /** Pali. */
  | 'PI'
  /** Polish. */
  | 'PL'
  /** Pashto. */
  | 'PS'
  /** Portuguese. */
  | 'PT'
  /** Portuguese as written in Brazil. */
  | 'PT_BR'
  /** Portuguese as written in Portugal. */
  | 'PT_PT'
  /** Quechua. */
  | 'QU'
  /** Romansh. */
  | 'RM'
  /** Rundi. */
  | 'RN'
  /** Romanian. */
  | 'RO'
  /** Russian. */
  | 'RU'
  /** Kinyarwanda. */
  | 'RW'
  /** Sanskrit. */
  | 'SA'
  /** Sardinian. */
  | 'SC'
  /** Sindhi. */
  | 'SD'
  /** Northern Sami. */
  | 'SE'
  /** Sango. */
  | 'SG'
  /** Serbo-Croatian. */
  | 'SH'
  /** Sinhala. */
  | 'SI'
  /** Slovak. */
  | 'SK'
  /** Slovenian. */
  | 'SL'
  /** Samoan. */
  | 'SM'
  /** Shona. */
  | 'SN'
  /** Somali. */
  | 'SO'
  /** Albanian. */
  | 'SQ'
  /** Serbian. */
  | 'SR'
  /** Swati. */
  | 'SS'
  /** Southern Sotho. */
  | 'ST'
  /** Sundanese. */
  | 'SU'
  /** Swedish. */
  | 'SV'
  /** Swahili. */
  | 'SW'
  /** Tamil. */
  | 'TA'
  /** Telugu. */
  | 'TE'
  /** Tajik. */
  | 'TG'
  /** Thai. */
  | 'TH'
  /** Tigrinya. */
  | 'TI'
  /** Turkmen. */
  | 'TK'
  /** Filipino. */
  | 'TL'
  /** Tswana. */
  | 'TN'
  /** Tongan. */
  | 'TO'
  /** Turkish. */
  | 'TR'
  /** Tsonga. */
  | 'TS'
  /** Tatar. */
  | 'TT'
  /** Akan. */
  | 'TW'
  /** Tahitian. */
  | 'TY'
  /** Uyghur. */
  | 'UG'
  /** Ukrainian. */
  | 'UK'
  /** Urdu. */
  | 'UR'
  /** Uzbek. */
  | 'UZ'
  /** Venda. */
  | 'VE'
  /** Vietnamese. */
  | 'VI'
  /** Volapük. */
  | 'VO'
  /** Walloon. */
  | 'WA'
  /** Wolof. */
  | 'WO'
  /** Xhosa. */
  | 'XH'
  /** Yiddish. */
  | 'YI'
  /** Yoruba. */
  | 'YO'
  /** Zhuang. */
  | 'ZA'
  /** Chinese. */
  | 'ZH'
  /** Chinese in simplified characters. */
  | 'ZH_CN'
  /** Chinese in traditional characters. */
  | 'ZH_TW'
  /** Zulu. */
  | 'ZU';

/** What locations can be sorted by. */
export type LocationSortKeys =
  /** The city. */
  | 'CITY'
  /** The distance from near. */
  | 'DISTANCE'
  /** The id. */
  | 'ID'
  /** The name. */
  | 'NAME';

/** A postal address as a caller sends it. */
export type MailingAddressInput = {
  /** The first line. */
  address1?: InputMaybe<Scalars['String']['input']>;
  /** The second line. */
  address2?: InputMaybe<Scalars['String']['input']>;
  /** The city. */
  city?: InputMaybe<Scalars['String']['input']>;
  /** The company. */
  company?: InputMaybe<Scalars['String']['input']>;
  /** The country: ISO 3166-1 code or English name. */
  country?: InputMaybe<Scalars['String']['input']>;
  /** The first name. */
  firstName?: InputMaybe<Scalars['String']['input']>;
  /** The last name. */
  lastName?: InputMaybe<Scalars['String']['input']>;
  /** The phone number. */
  phone?: InputMaybe<Scalars['String']['input']>;
  /** The province: code or English name. */
  province?: InputMaybe<Scalars['String']['input']>;
  /** The postal code. */
  zip?: InputMaybe<Scalars['String']['input']>;
};

/** The kinds of media. */
export type MediaContentType =
  /** A video on another site. */
  | 'EXTERNAL_VIDEO'
  /** An image. */
  | 'IMAGE'
  /** A model in three dimensions. */
  | 'MODEL_3D'
  /** A video. */
  | 'VIDEO';

/** The sites that show videos. */
export type MediaHost =
  /** Vimeo. */
  | 'VIMEO'
  /** YouTube. */
  | 'YOUTUBE';

/** The forms of presentations. */
export type MediaPresentationFormat =
  /** A picture. */
  | 'IMAGE'
  /** A model in a viewer. */
  | 'MODEL_VIEWER';

/** A menu to delete. */
export type MenuDeleteInput = {
  /** The version that the change rests on; another one refuses. */
  expectedVersion?: InputMaybe<Scalars['Int']['input']>;
  /** The menu's id. */
  id: Scalars['ID']['input'];
};

/** One entry of a menu. */
export type MenuItemInput = {
  /** The id of an entry that the menu has, to keep it. */
  id?: InputMaybe<Scalars['ID']['input']>;
  /** The entries below it. */
  items?: InputMaybe<Array<MenuItemInput>>;
  /** What it leads to, of the kind that the type says. */
  resourceId?: InputMaybe<Scalars['ID']['input']>;
  /** Of a collection: only what has all of these. */
  tags?: InputMaybe<Array<Scalars['String']['input']>>;
  /** What it says. */
  title: Scalars['String']['input'];
  /** What kind of place it leads to. */
  type: MenuItemType;
  /** Of type HTTP: where it leads, an address or a path that begins with /. */
  url?: InputMaybe<Scalars['String']['input']>;
};

/** The kinds of places that an entry may lead to. */
export type MenuItemType =
  /** An article. */
  | 'ARTICLE'
  /** A blog. */
  | 'BLOG'
  /** All products. */
  | 'CATALOG'
  /** A collection. */
  | 'COLLECTION'
  /** All collections. */
  | 'COLLECTIONS'
  /** The customer's account. */
  | 'CUSTOMER_ACCOUNT_PAGE'
  /** The first page of the shop. */
  | 'FRONTPAGE'
  /** An address. */
  | 'HTTP'
  /** A page. */
  | 'PAGE'
  /** A product. */
  | 'PRODUCT'
  /** The search. */
  | 'SEARCH'
  /** A policy of the shop. */
  | 'SHOP_POLICY';

/** A menu to make or to change: what is not given stays as it is. It is named by its id, else by the externalId, else by the handle. */
export type MenuSetInput = {
  /** The version that the change rests on; another one refuses. */
  expectedVersion?: InputMaybe<Scalars['Int']['input']>;
  /** The caller's own id, unique per partner. */
  externalId?: InputMaybe<Scalars['String']['input']>;
  /** A name for addresses: letters, digits and hyphens. What is new needs one. */
  handle?: InputMaybe<Scalars['String']['input']>;
  /** The menu to change. */
  id?: InputMaybe<Scalars['ID']['input']>;
  /** The entries: at most 250 on 3 levels. They replace all there were. */
  items?: InputMaybe<Array<MenuItemInput>>;
  /** The title. What is new needs one. */
  title?: InputMaybe<Scalars['String']['input']>;
};

/** What can be wrong with a metafield that is to be taken off. */
export type MetafieldDeleteErrorCode =
  /** The caller may not. */
  | 'APP_NOT_AUTHORIZED'
  /** There is no such cart. */
  | 'INVALID_OWNER'
  /** The cart has no such metafield. */
  | 'METAFIELD_DOES_NOT_EXIST';

/** What can be wrong with a metafield. */
export type MetafieldErrorCode =
  /** It is needed and empty. */
  | 'BLANK'
  /** It is there twice. */
  | 'DUPLICATE'
  /** It is not valid. */
  | 'INVALID'
  /** There is no such type, or not of this metafield. */
  | 'INVALID_TYPE'
  /** The value is none of its type. */
  | 'INVALID_VALUE'
  /** There is no such thing. */
  | 'NOT_FOUND'
  /** It is too long. */
  | 'TOO_LONG'
  /** There are too many. */
  | 'TOO_MANY';

/** A metafield with a value. */
export type MetafieldFilter = {
  /** The metafield's key. */
  key: Scalars['String']['input'];
  /** The metafield's namespace. */
  namespace: Scalars['String']['input'];
  /** The value, or one of a list's elements. */
  value: Scalars['String']['input'];
};

/** A metafield of the thing that is written. */
export type MetafieldInput = {
  /** The name within the namespace: 2 to 64 letters, digits, hyphens and underscores. */
  key: Scalars['String']['input'];
  /** The group that the name belongs to; custom where none is named. */
  namespace?: InputMaybe<Scalars['String']['input']>;
  /** The type of the value; what there is already keeps its type when none is named. */
  type?: InputMaybe<Scalars['String']['input']>;
  /** The value as a text; a list is JSON. */
  value: Scalars['String']['input'];
};

/** A metafield to delete. */
export type MetafieldsDeleteEntry = {
  /** The name within the namespace. */
  key: Scalars['String']['input'];
  /** The group that the name belongs to; custom where none is named. */
  namespace?: InputMaybe<Scalars['String']['input']>;
  /** The product, the variant or the collection that it is a value of. */
  ownerId: Scalars['ID']['input'];
};

/** Metafields to delete. */
export type MetafieldsDeleteInput = {
  /** The metafields, at most 250. What is not there is gone already. */
  metafields: Array<MetafieldsDeleteEntry>;
};

/** A metafield to write. */
export type MetafieldsSetEntry = {
  /** The name within the namespace: 2 to 64 letters, digits, hyphens and underscores. */
  key: Scalars['String']['input'];
  /** The group that the name belongs to; custom where none is named. */
  namespace?: InputMaybe<Scalars['String']['input']>;
  /** The product, the variant or the collection that it is a value of. */
  ownerId: Scalars['ID']['input'];
  /** The type of the value; what there is already keeps its type when none is named. */
  type?: InputMaybe<Scalars['String']['input']>;
  /** The value as a text; a list is JSON. */
  value: Scalars['String']['input'];
};

/** Metafields to write. */
export type MetafieldsSetInput = {
  /** The metafields, at most 250. All are written, or none. */
  metafields: Array<MetafieldsSetEntry>;
};

/** What can be wrong with metafields that are to be set. */
export type MetafieldsSetUserErrorCode =
  /** The caller may not. */
  | 'APP_NOT_AUTHORIZED'
  /** It is empty. */
  | 'BLANK'
  /** It is none of the possible values. */
  | 'INCLUSION'
  /** There is no such cart. */
  | 'INVALID_OWNER'
  /** There is no such type. */
  | 'INVALID_TYPE'
  /** The value is none of its type. */
  | 'INVALID_VALUE'
  /** There are too many. */
  | 'LESS_THAN_OR_EQUAL_TO'
  /** It must be absent. */
  | 'PRESENT'
  /** It is too long. */
  | 'TOO_LONG'
  /** It is too short. */
  | 'TOO_SHORT';

/** An amount of money as a caller sends it. */
export type MoneyInput = {
  /** The amount as a decimal, such as 12.50. */
  amount: Scalars['Decimal']['input'];
  /** The currency, ISO 4217. */
  currencyCode: CurrencyCode;
};

/** What operators should know. */
export type OperatorEventType =
  /** A genuine notification of a payment provider was not followed. Event payment.callback_refused. */
  | 'CALLBACK_REFUSED'
  /** A provider does not take what it has authorized for an order that goes on. Event payment.capture_failed. */
  | 'CAPTURE_FAILED'
  /** An invariant of the shop began to be violated. Event consistency.broken. */
  | 'CONSISTENCY_BROKEN'
  /** An invariant of the shop holds again. Event consistency.restored. */
  | 'CONSISTENCY_RESTORED'
  /** A shopper disputes a payment. Event payment.disputed. */
  | 'DISPUTED'
  /** What was disputed is gone for good. Event payment.dispute_lost. */
  | 'DISPUTE_LOST'
  /** What was disputed is the shop's again. Event payment.dispute_won. */
  | 'DISPUTE_WON'
  /** A payment provider that was left alone has answered again for a minute, whichever process asked it. Event payment.provider_available. */
  | 'PROVIDER_AVAILABLE'
  /** A payment provider does not answer, and a process leaves it alone; told once, however many do. Event payment.provider_unavailable. */
  | 'PROVIDER_UNAVAILABLE'
  /** The books of a payment provider and the shop's differ. Event payment.reconciliation_broken. */
  | 'RECONCILIATION_BROKEN'
  /** They agree again. Event payment.reconciliation_mended. */
  | 'RECONCILIATION_MENDED'
  /** A provider does not give back what it has taken, or what came in outside the shop must be sent back. Event payment.refund_failed. */
  | 'REFUND_FAILED'
  /** There is enough on a shelf again. Event inventory.back. */
  | 'STOCK_BACK'
  /** Little is left on a shelf. Event inventory.low. */
  | 'STOCK_LOW'
  /** Nothing is left on a shelf to promise. Event inventory.out. */
  | 'STOCK_OUT';

/** What can be done with an order. */
export type OrderActionName =
  /** orderCancel. */
  | 'CANCEL'
  /** paymentCapture. */
  | 'CAPTURE'
  /** paymentChallengeComplete. */
  | 'COMPLETE_CHALLENGE'
  /** paymentFallbackConfirm. */
  | 'CONFIRM_FALLBACK'
  /** paymentMarkPaid. A hint: an open invoice may be booked also while a provider is asked for the rest of the order, when this is not available. */
  | 'MARK_PAID'
  /** paymentRefund. */
  | 'REFUND'
  /** orderPaymentRequest. */
  | 'REQUEST_PAYMENT'
  /** orderPaymentUpdate. */
  | 'UPDATE_PAYMENT'
  /** paymentVoid. */
  | 'VOID';

/** Who buys. */
export type OrderBuyerInput = {
  /** The e-mail address. */
  email?: InputMaybe<Scalars['String']['input']>;
  /** The first name. */
  firstName?: InputMaybe<Scalars['String']['input']>;
  /** The last name. */
  lastName?: InputMaybe<Scalars['String']['input']>;
  /** The phone number with its country, such as +14155550123. */
  phone?: InputMaybe<Scalars['String']['input']>;
};

/** Which order to cancel, and why. */
export type OrderCancelInput = {
  /** The order's token, for guests. */
  accessToken?: InputMaybe<Scalars['String']['input']>;
  /** The version that the caller saw; a later one refuses. */
  expectedVersion?: InputMaybe<Scalars['Int']['input']>;
  /** A key of the caller's choice, 1 to 255 characters. */
  idempotencyKey: Scalars['String']['input'];
  /** A note on the reason. */
  note?: InputMaybe<Scalars['String']['input']>;
  /** The order's id. */
  orderId: Scalars['ID']['input'];
  /** Why; absent is CUSTOMER for shoppers and STAFF for staff and partners. */
  reason?: InputMaybe<OrderCancelReason>;
};

/** Why an order was cancelled. */
export type OrderCancelReason =
  /** The customer wanted it. */
  | 'CUSTOMER'
  /** The payment was declined. */
  | 'DECLINED'
  /** It looked like fraud. */
  | 'FRAUD'
  /** It was not in stock. */
  | 'INVENTORY'
  /** Another reason. */
  | 'OTHER'
  /** A mistake of the staff. */
  | 'STAFF';

/** Where an order goes: exactly one of shipping and pickup. */
export type OrderDeliveryInput =
  /** To a store, where it is picked up. */
  { pickup: OrderPickupInput; shipping?: never; }
  |  /** By a carrier, to an address. */
  { pickup?: never; shipping: OrderShippingInput; };

/** What can be wrong with what was asked of an order. */
export type OrderErrorCode =
  /** The address is not in the address book of the customer who buys. */
  | 'ADDRESS_NOT_FOUND'
  /** The amount is larger than an order can be. */
  | 'AMOUNT_OUT_OF_RANGE'
  /** It is more than is left; amountAvailable says how much is. */
  | 'AMOUNT_TOO_LARGE'
  /** It is less than is needed, or than may be paid this way. */
  | 'AMOUNT_TOO_SMALL'
  /** Something needed is missing. */
  | 'BLANK'
  /** A card number does not belong here. */
  | 'CARD_NUMBER'
  /** The cart was placed already. */
  | 'CART_ALREADY_PLACED'
  /** The cart is empty. */
  | 'CART_EMPTY'
  /** There is no such cart. */
  | 'CART_NOT_FOUND'
  /** The code is not known or can't be used for this order. */
  | 'CODE_NOT_APPLICABLE'
  /** The code has been used as often as it can be, by all or by this buyer. */
  | 'CODE_USED_UP'
  /** The shipping option is not offered for this order. */
  | 'DELIVERY_OPTION_NOT_FOUND'
  /** The key was used with other input. */
  | 'IDEMPOTENCY_KEY_REUSED'
  /** It is not valid. */
  | 'INVALID'
  /** The order has no such line. */
  | 'LINE_NOT_FOUND'
  /** The store is not there, or does not hand orders out. */
  | 'LOCATION_NOT_FOUND'
  /** The order can't do that in its present state. */
  | 'NOT_ALLOWED'
  /** There is no such order. */
  | 'NOT_FOUND'
  /** The country is not shipped to. */
  | 'NOT_SHIPPABLE'
  /** No store has all lines and a free slot. */
  | 'NO_STORE_AVAILABLE'
  /** There is not enough in stock; quantityAvailable says how many there are. */
  | 'OUT_OF_STOCK'
  /** There is no such stored payment method. */
  | 'PAYMENT_METHOD_NOT_FOUND'
  /** A payment method is needed. */
  | 'PAYMENT_METHOD_REQUIRED'
  /** The shop does not take this payment provider. */
  | 'PAYMENT_PROVIDER_NOT_FOUND'
  /** The store takes no more orders for now. */
  | 'PICKUP_CAPACITY_REACHED'
  /** The quantity is below the least or above the most that may be bought. */
  | 'QUANTITY_OUT_OF_RANGE'
  /** It is too long. */
  | 'TOO_LONG'
  /** The total differs from expectedTotal; currentPrice says what it is. */
  | 'TOTAL_CHANGED'
  /** The variant is not sold, or not any more. */
  | 'VARIANT_NOT_FOUND'
  /** It has changed since; currentVersion says what it is. */
  | 'VERSION_CONFLICT';

/** Where the money stands. */
export type OrderFinancialStatus =
  /** It is authorized. */
  | 'AUTHORIZED'
  /** It is paid. */
  | 'PAID'
  /** A part is paid. */
  | 'PARTIALLY_PAID'
  /** A part was given back, by the shop or for good by the shopper's bank. */
  | 'PARTIALLY_REFUNDED'
  /** Nothing is paid yet, and at most a part is authorized. */
  | 'PENDING'
  /** All was given back, by the shop or for good by the shopper's bank. */
  | 'REFUNDED'
  /** The authorization was given up. */
  | 'VOIDED';

/** Where the goods stand. */
export type OrderFulfillmentStatus =
  /** All was handed over. */
  | 'FULFILLED'
  /** It is being worked on. */
  | 'IN_PROGRESS'
  /** It is held. */
  | 'ON_HOLD'
  /** It waits to be worked on. */
  | 'OPEN'
  /** A part was handed over. */
  | 'PARTIALLY_FULFILLED'
  /** It waits for a third party. */
  | 'PENDING_FULFILLMENT'
  /** It went back to stock. */
  | 'RESTOCKED'
  /** It is planned for later. */
  | 'SCHEDULED'
  /** Nothing was done yet. */
  | 'UNFULFILLED';

/** Which order, and the note to add. */
export type OrderNoteAddInput = {
  /** The version that the caller saw; a later one refuses. */
  expectedVersion?: InputMaybe<Scalars['Int']['input']>;
  /** A key of the caller's choice, 1 to 255 characters. */
  idempotencyKey: Scalars['String']['input'];
  /** The note, at most 5,000 characters. */
  note: Scalars['String']['input'];
  /** The order's id. */
  orderId: Scalars['ID']['input'];
};

/** Which order's shopper to ask for what is outstanding. */
export type OrderPaymentRequestInput = {
  /** The version that the caller saw; a later one refuses. */
  expectedVersion?: InputMaybe<Scalars['Int']['input']>;
  /** A key of the caller's choice, 1 to 255 characters. */
  idempotencyKey: Scalars['String']['input'];
  /** The order's id. */
  orderId: Scalars['ID']['input'];
};

/** Which order, and its new ranked payment methods. */
export type OrderPaymentUpdateInput = {
  /** The order's token, for guests. */
  accessToken?: InputMaybe<Scalars['String']['input']>;
  /** The version that the caller saw; a later one refuses. */
  expectedVersion?: InputMaybe<Scalars['Int']['input']>;
  /** A key of the caller's choice, 1 to 255 characters. */
  idempotencyKey: Scalars['String']['input'];
  /** The order's id. */
  orderId: Scalars['ID']['input'];
  /** Ranked payment methods, 1 to 5. */
  payment: Array<PaymentMethodInput>;
};

/** Pick-up in a store: a given one, or the best. */
export type OrderPickupInput = {
  /** Who comes to collect it, when it is not the buyer. */
  collector?: InputMaybe<Scalars['String']['input']>;
  /** The store; absent, the nearest that has all lines and a free slot is assigned. */
  locationId?: InputMaybe<Scalars['ID']['input']>;
  /** Where the shopper is, to find the nearest store. */
  near?: InputMaybe<GeoCoordinateInput>;
  /** Where the shopper is, by postal code. */
  postalCode?: InputMaybe<Scalars['String']['input']>;
};

/** A whole order in one call: what, for whom, where to, paid how. */
export type OrderPlaceInput = {
  /** Who buys; e-mail or phone is needed unless the cart has it, or the account of the customer who calls or is logged in to the cart. */
  buyer?: InputMaybe<OrderBuyerInput>;
  /** The cart to place. Exactly one of cartId and lines. */
  cartId?: InputMaybe<Scalars['ID']['input']>;
  /** Where it goes; needed unless the cart has it. */
  delivery?: InputMaybe<OrderDeliveryInput>;
  /** Discount codes, in addition to the cart's. One that gives nothing refuses the order. */
  discountCodes?: InputMaybe<Array<Scalars['String']['input']>>;
  /** What the shopper expects to pay; another total refuses the order. */
  expectedTotal?: InputMaybe<MoneyInput>;
  /** The version of the cart that the shopper saw; a later one refuses the order. */
  expectedVersion?: InputMaybe<Scalars['Int']['input']>;
  /** Gift card codes, in addition to the cart's. They pay first, one after the other; one that can't be used refuses the order. */
  giftCardCodes?: InputMaybe<Array<Scalars['String']['input']>>;
  /** A key of the caller's choice, 1 to 255 characters: the same key and input give the same order, however often they are sent. */
  idempotencyKey: Scalars['String']['input'];
  /** The lines to place without a cart. Exactly one of cartId and lines. */
  lines?: InputMaybe<Array<CartLineInput>>;
  /** The shopper's note. */
  note?: InputMaybe<Scalars['String']['input']>;
  /** Ranked payment methods, 0 to 5: the next one is tried when one fails. Empty only when nothing is owed. */
  payment: Array<PaymentMethodInput>;
};

/** Where a background step stands. */
export type OrderProcessState =
  /** It waits for the shopper or a third party. */
  | 'BLOCKED'
  /** It failed and is tried again. */
  | 'RETRYING'
  /** It runs now. */
  | 'RUNNING'
  /** It waits for its turn. */
  | 'WAITING';

/** Where a return stands. */
export type OrderReturnStatus =
  /** It is on its way. */
  | 'IN_PROGRESS'
  /** There is none. */
  | 'NONE'
  /** It was asked for. */
  | 'REQUESTED'
  /** It came back. */
  | 'RETURNED';

/** Delivery by a carrier. */
export type OrderShippingInput = {
  /** Where it goes. Either this or customerAddressId is needed. */
  address?: InputMaybe<MailingAddressInput>;
  /** An address of the book of the customer who buys: the one who calls, else the one who is logged in to the cart. */
  customerAddressId?: InputMaybe<Scalars['ID']['input']>;
  /** Where that is on the map, if the client knows: the closest location may be chosen by it. */
  near?: InputMaybe<GeoCoordinateInput>;
  /** The handle of the shipping option; absent is the cheapest. */
  optionHandle?: InputMaybe<Scalars['String']['input']>;
};

/** What orders can be sorted by. */
export type OrderSortKeys =
  /** The id. */
  | 'ID'
  /** When it was placed. */
  | 'PROCESSED_AT'
  /** How well it fits the query. */
  | 'RELEVANCE'
  /** The total. */
  | 'TOTAL_PRICE';

/** Where an order stands, over all. */
export type OrderStatus =
  /** The shopper must act: new payment details, or a challenge. */
  | 'ACTION_REQUIRED'
  /** It was cancelled. */
  | 'CANCELLED'
  /** All is delivered and done. */
  | 'COMPLETED'
  /** It is paid or safely authorized. */
  | 'CONFIRMED'
  /** It was not paid or not picked up in time. */
  | 'EXPIRED'
  /** It is being picked or shipped. */
  | 'IN_FULFILLMENT'
  /** It is placed; the payment runs. */
  | 'PENDING_PAYMENT'
  /** It waits in the store. */
  | 'READY_FOR_PICKUP';

/** A page to delete. */
export type PageDeleteInput = {
  /** The version that the change rests on; another one refuses. */
  expectedVersion?: InputMaybe<Scalars['Int']['input']>;
  /** The page's id. */
  id: Scalars['ID']['input'];
};

/** A page to make or to change: what is not given stays as it is. It is named by its id, else by the externalId, else by the handle. */
export type PageSetInput = {
  /** The text; what is not allowed in it is left out. */
  body?: InputMaybe<Scalars['HTML']['input']>;
  /** The version that the change rests on; another one refuses. */
  expectedVersion?: InputMaybe<Scalars['Int']['input']>;
  /** The caller's own id, unique per partner. */
  externalId?: InputMaybe<Scalars['String']['input']>;
  /** A name for addresses: letters, digits and hyphens. What is new needs one. */
  handle?: InputMaybe<Scalars['String']['input']>;
  /** The page to change. */
  id?: InputMaybe<Scalars['ID']['input']>;
  /** Whether shoppers see it: false keeps it back, true shows it at once or from publishedAt on. */
  published?: InputMaybe<Scalars['Boolean']['input']>;
  /** From when shoppers see it; beside published: false it is INVALID. Without a word what is new is seen at once. */
  publishedAt?: InputMaybe<Scalars['DateTime']['input']>;
  /** What search engines are told. */
  seo?: InputMaybe<SeoInput>;
  /** The title. What is new needs one. */
  title?: InputMaybe<Scalars['String']['input']>;
};

/** What pages can be sorted by. */
export type PageSortKeys =
  /** By id: the oldest first. */
  | 'ID'
  /** By how well it matches the words of the search, the best first; by id without words. */
  | 'RELEVANCE'
  /** By title. */
  | 'TITLE'
  /** By the last change. */
  | 'UPDATED_AT';

/** Where a try stands. */
export type PaymentAttemptState =
  /** The shopper must act. */
  | 'ACTION_REQUIRED'
  /** The money is reserved. */
  | 'AUTHORIZED'
  /** The money was taken. */
  | 'CAPTURED'
  /** The provider said no. */
  | 'DECLINED'
  /** It settles later. */
  | 'PENDING'
  /** The money was given back, by the shop or for good by the shopper's bank. */
  | 'REFUNDED'
  /** It runs. */
  | 'STARTED'
  /** The provider did not answer; we are finding out. */
  | 'UNKNOWN'
  /** It was given up, or its reservation has come to its end. */
  | 'VOIDED';

/** Which order's money to take. */
export type PaymentCaptureInput = {
  /** How much of it; all that is reserved and not being taken yet when left out. */
  amount?: InputMaybe<MoneyInput>;
  /** The version that the caller saw; a later one refuses. */
  expectedVersion?: InputMaybe<Scalars['Int']['input']>;
  /** A key of the caller's choice, 1 to 255 characters. */
  idempotencyKey: Scalars['String']['input'];
  /** The order's id. */
  orderId: Scalars['ID']['input'];
};

/** Which order's challenge was done. */
export type PaymentChallengeCompleteInput = {
  /** The order's token, for guests. */
  accessToken?: InputMaybe<Scalars['String']['input']>;
  /** A key of the caller's choice, 1 to 255 characters. */
  idempotencyKey: Scalars['String']['input'];
  /** The order's id. */
  orderId: Scalars['ID']['input'];
  /**
   * What the provider's page has given back to the shopper's browser, at most 8192 characters: with Adyen, the
   * redirectResult in the address that the shopper came back to. Most providers give nothing.
   */
  result?: InputMaybe<Scalars['String']['input']>;
};

/** What has become of an attempt to be paid that came to nothing. */
export type PaymentDeclineCode =
  /** The provider has said no. */
  | 'DECLINED'
  /** The shop could not ask with this method any more. */
  | 'NOT_ASKED'
  /** The provider did not answer, so that the attempt was called off. */
  | 'NO_ANSWER'
  /** The provider has let go of what it had reserved. */
  | 'RELEASED'
  /** The shopper has chosen other methods. */
  | 'REPLACED';

/** Whether a payment method may be used by itself when one before it has failed. */
export type PaymentFallback =
  /** The shopper is asked first: the order waits in ACTION_REQUIRED for paymentFallbackConfirm, or for other methods. */
  | 'ASK'
  /** It is used by itself. */
  | 'AUTOMATIC';

/** Which order's waiting payment method the shopper agrees to. */
export type PaymentFallbackConfirmInput = {
  /** The order's token, for guests. */
  accessToken?: InputMaybe<Scalars['String']['input']>;
  /** The version that the caller saw; a later one refuses. */
  expectedVersion?: InputMaybe<Scalars['Int']['input']>;
  /** A key of the caller's choice, 1 to 255 characters. */
  idempotencyKey: Scalars['String']['input'];
  /** The order's id. */
  orderId: Scalars['ID']['input'];
};

/** Which order has been paid for outside the shop, and how much of it. */
export type PaymentMarkPaidInput = {
  /** How much has come in; all that is still to be paid when left out. */
  amount?: InputMaybe<MoneyInput>;
  /** The version that the caller saw; a later one refuses. */
  expectedVersion?: InputMaybe<Scalars['Int']['input']>;
  /** A key of the caller's choice, 1 to 255 characters. */
  idempotencyKey: Scalars['String']['input'];
  /** The order's id. */
  orderId: Scalars['ID']['input'];
  /** Under which the money is found where it came in, such as the reference of a bank transfer; at most 255 characters. The log of events holds it encrypted, and it is forgotten with the order's people. */
  reference?: InputMaybe<Scalars['String']['input']>;
};

/** One way to pay. */
export type PaymentMethodInput = {
  /** What this method is to pay, where several methods share the total. A method without an amount pays what is left. Together they must pay all. */
  amount?: InputMaybe<MoneyInput>;
  /** Whether this method may be used by itself when one before it has failed. AUTOMATIC when left out: who ranks methods agrees to them. */
  fallback?: InputMaybe<PaymentFallback>;
  /** The most that this method may ever be charged for the order. Where more is to be paid with it, it is passed over. */
  maxAmount?: InputMaybe<MoneyInput>;
  /** The provider, as listed by paymentProviders. */
  provider: Scalars['String']['input'];
  /** Whether the provider is to keep this method for the signed-in customer. */
  save?: InputMaybe<Scalars['Boolean']['input']>;
  /** A payment method that the provider keeps for the signed-in customer, instead of a token. See Customer.storedPaymentMethods. */
  storedMethodId?: InputMaybe<Scalars['ID']['input']>;
  /** What the provider's own form gave for this method; never a card number. */
  token?: InputMaybe<Scalars['String']['input']>;
};

/** In what a provider's books and the shop's differ. */
export type PaymentReconciliationBreakKind =
  /** The shop believes in more than the provider has done. */
  | 'AHEAD'
  /** The provider has done more than the shop knew of, such as when a callback was lost. The shop takes it over. */
  | 'BEHIND'
  /** The charge has another amount, currency or order than was asked for. */
  | 'MISFIT'
  /** The provider knows nothing of a charge that the shop rests on, or tells of one in a way that makes no sense. */
  | 'MISSING'
  /** The provider holds money under a key of which the shop knows nothing. Where it is for an order of the shop it is given back, if the key is a UUID. */
  | 'STRAY_CHARGE'
  /** The provider's books make no sense from some point on. What comes before it is compared, and what comes behind it is not. */
  | 'UNREADABLE';

/** What has become of a difference. */
export type PaymentReconciliationBreakState =
  /** A person should look. */
  | 'OPEN'
  /** The shop has mended it. */
  | 'REPAIRED'
  /** It was gone when it was looked at again. */
  | 'RESOLVED';

/** What to give back: an amount, or what was paid for units of lines and for the shipping; with neither, everything that was taken and not given back. */
export type PaymentRefundInput = {
  /** An amount. Not together with lines or shipping. */
  amount?: InputMaybe<MoneyInput>;
  /** The version that the caller saw; a later one refuses. */
  expectedVersion?: InputMaybe<Scalars['Int']['input']>;
  /** A key of the caller's choice, 1 to 255 characters. */
  idempotencyKey: Scalars['String']['input'];
  /** Units of the order's lines, at most 250 lines. An empty list is refused: it never means everything. */
  lines?: InputMaybe<Array<PaymentRefundLineInput>>;
  /** The order's id. */
  orderId: Scalars['ID']['input'];
  /** Why; OTHER when left out. */
  reason?: InputMaybe<RefundReason>;
  /** Also what was paid for the shipping and not given back. `false` alone is refused: it names nothing. */
  shipping?: InputMaybe<Scalars['Boolean']['input']>;
  /** Where to; ORIGINAL when left out. */
  to?: InputMaybe<RefundDestination>;
};

/** Units of one line, to be given back with their tax and less their discount. */
export type PaymentRefundLineInput = {
  /** The line's id. */
  lineItemId: Scalars['ID']['input'];
  /** How many, at least 1. */
  quantity: Scalars['Int']['input'];
};

/** Where a payment stands. */
export type PaymentStatus =
  /** The shopper must act. */
  | 'ACTION_REQUIRED'
  /** All of the money is reserved. */
  | 'AUTHORIZED'
  /** All of the money was taken. */
  | 'CAPTURED'
  /** It will be paid outside, such as on invoice. */
  | 'MANUAL'
  /** A part of the money is reserved, and nothing was taken. */
  | 'PARTIALLY_AUTHORIZED'
  /** A part of the money was taken. */
  | 'PARTIALLY_CAPTURED'
  /** It runs. */
  | 'PENDING'
  /** The money was given back, by the shop or for good by the shopper's bank. */
  | 'REFUNDED'
  /** It was given up. */
  | 'VOIDED';

/** Which order's reserved money to let go. */
export type PaymentVoidInput = {
  /** The version that the caller saw; a later one refuses. */
  expectedVersion?: InputMaybe<Scalars['Int']['input']>;
  /** A key of the caller's choice, 1 to 255 characters. */
  idempotencyKey: Scalars['String']['input'];
  /** The order's id. */
  orderId: Scalars['ID']['input'];
};

/** A policy to write; an empty body takes it away. */
export type PolicySetInput = {
  /** The text; what is not allowed in it is left out. */
  body: Scalars['HTML']['input'];
  /** The version that the change rests on; another one refuses. */
  expectedVersion?: InputMaybe<Scalars['Int']['input']>;
  /** The title; the usual one where none was given. */
  title?: InputMaybe<Scalars['String']['input']>;
  /** What it is about. */
  type: ShopPolicyType;
};

/** What the limit of a predictive search is of. */
export type PredictiveSearchLimitScope =
  /** All kinds together. */
  | 'ALL'
  /** Each kind. */
  | 'EACH';

/** A kind of what is offered to a shopper who is typing. */
export type PredictiveSearchType =
  /** Articles of the blogs. */
  | 'ARTICLE'
  /** Collections. */
  | 'COLLECTION'
  /** Pages. */
  | 'PAGE'
  /** Products. */
  | 'PRODUCT'
  /** Searches. */
  | 'QUERY';

/** A range of prices in the shop's currency. */
export type PriceRangeFilter = {
  /** The highest; absent is without a bound. */
  max?: InputMaybe<Scalars['Float']['input']>;
  /** The lowest; absent is 0. */
  min?: InputMaybe<Scalars['Float']['input']>;
};

/** A part of a bundle. */
export type ProductBundleComponentInput = {
  /** How many are in one bundle, 1 to 1000. */
  quantity: Scalars['Int']['input'];
  /** The variant's id: one whose stock is counted, and no bundle. */
  variantId: Scalars['ID']['input'];
};

/** Says what a bundle is made of. */
export type ProductBundleSetInput = {
  /** The parts, at most 50, in the order in which they are shown; none: it is a bundle no more, and has no units until some are counted. */
  components: Array<ProductBundleComponentInput>;
  /** The version of the variant's InventoryItem that the caller saw; another one refuses. */
  expectedVersion?: InputMaybe<Scalars['Int']['input']>;
  /** A key of the caller's choice, 1 to 255 characters. */
  idempotencyKey: Scalars['String']['input'];
  /** The variant's id. Nothing of it may be on a shelf, promised or on its way. */
  variantId: Scalars['ID']['input'];
};

/** What the products of a collection can be sorted by. */
export type ProductCollectionSortKeys =
  /** Units sold. */
  | 'BEST_SELLING'
  /** The collection's own order. */
  | 'COLLECTION_DEFAULT'
  /** When the product was made. */
  | 'CREATED'
  /** The id. */
  | 'ID'
  /** The order in which they were put, or, with rules, in which they came. */
  | 'MANUAL'
  /** The lowest price. */
  | 'PRICE'
  /** Nothing in a collection is more relevant than the rest: the collection's own order. */
  | 'RELEVANCE'
  /** The title. */
  | 'TITLE';

/** A product to delete. */
export type ProductDeleteInput = {
  /** The version that the deletion rests on; another one refuses. */
  expectedVersion?: InputMaybe<Scalars['Int']['input']>;
  /** The product's id. */
  id: Scalars['ID']['input'];
};

/** What can be wrong with a change of a product. */
export type ProductErrorCode =
  /** It is needed and empty. */
  | 'BLANK'
  /** It is there twice. */
  | 'DUPLICATE'
  /** It is not valid. */
  | 'INVALID'
  /** There is no such type, or not of this metafield. */
  | 'INVALID_TYPE'
  /** The value is none of its type. */
  | 'INVALID_VALUE'
  /** There is no such thing. */
  | 'NOT_FOUND'
  /** It is a bundle that can't come back, since a part of it is gone, which the message names. */
  | 'PART_GONE'
  /** A bundle is made of it, which the message names. */
  | 'PART_OF_BUNDLE'
  /** The handle or the externalId is another one's. */
  | 'TAKEN'
  /** It is too long. */
  | 'TOO_LONG'
  /** There are too many. */
  | 'TOO_MANY'
  /** It has changed meanwhile. */
  | 'VERSION_CONFLICT';

/** A video that another site shows. */
export type ProductExternalVideoInput = {
  /** The video's page on YouTube or Vimeo. */
  url: Scalars['URL']['input'];
};

/** One thing that products are filtered by. */
export type ProductFilter = {
  /** Whether the product can be bought now, in a variant that the other filters leave. */
  available?: InputMaybe<Scalars['Boolean']['input']>;
  /** The price of a variant. */
  price?: InputMaybe<PriceRangeFilter>;
  /** A metafield of the product, of those that the shop filters by. */
  productMetafield?: InputMaybe<MetafieldFilter>;
  /** The product type. */
  productType?: InputMaybe<Scalars['String']['input']>;
  /** The vendor. */
  productVendor?: InputMaybe<Scalars['String']['input']>;
  /** A tag. */
  tag?: InputMaybe<Scalars['String']['input']>;
  /** An attribute of a category. The shop has no categories, so nothing has one. */
  taxonomyMetafield?: InputMaybe<TaxonomyMetafieldFilter>;
  /** A metafield of a variant, of those that the shop filters by. */
  variantMetafield?: InputMaybe<MetafieldFilter>;
  /** An option's value of a variant. */
  variantOption?: InputMaybe<VariantOptionFilter>;
};

/** A picture. */
export type ProductImageInput = {
  /** How high it is. */
  height?: InputMaybe<Scalars['Int']['input']>;
  /** Where it is: an address, or a path that begins with /. */
  url: Scalars['String']['input'];
  /** How wide it is. */
  width?: InputMaybe<Scalars['Int']['input']>;
};

/** What images can be sorted by. */
export type ProductImageSortKeys =
  /** When the image was added. */
  | 'CREATED_AT'
  /** The id. */
  | 'ID'
  /** The place among the product's images. */
  | 'POSITION'
  /** The place among the product's images. */
  | 'RELEVANCE';

/** Something a product is shown with: exactly one of image, video, externalVideo and model3d. */
export type ProductMediaInput = {
  /** What it shows, in words. */
  alt?: InputMaybe<Scalars['String']['input']>;
  /** A video that YouTube or Vimeo shows. */
  externalVideo?: InputMaybe<ProductExternalVideoInput>;
  /** A picture. */
  image?: InputMaybe<ProductImageInput>;
  /** A model in three dimensions. */
  model3d?: InputMaybe<ProductModel3dInput>;
  /** The picture that stands for a video or a model. */
  previewImage?: InputMaybe<ProductImageInput>;
  /** A video with its files. */
  video?: InputMaybe<ProductVideoInput>;
};

/** What a product's media can be sorted by. */
export type ProductMediaSortKeys =
  /** The id. */
  | 'ID'
  /** The place among the product's media. */
  | 'POSITION'
  /** The place among the product's media. */
  | 'RELEVANCE';

/** A model in three dimensions. */
export type ProductModel3dInput = {
  /** Its files, at most 10. */
  sources: Array<ProductModel3dSourceInput>;
};

/** One file of a model. */
export type ProductModel3dSourceInput = {
  /** How many bytes it has. */
  filesize: Scalars['Int']['input'];
  /** The file's media type: model/gltf-binary or model/vnd.usdz+zip. */
  mimeType: Scalars['String']['input'];
  /** Where the file is: an address, or a path that begins with /. */
  url: Scalars['String']['input'];
};

/** What the variants of a product differ in. */
export type ProductOptionSetInput = {
  /** The option to change, so that it can be given another name. Without it, the one of this name. */
  id?: InputMaybe<Scalars['ID']['input']>;
  /** The option's name, such as Size. */
  name: Scalars['String']['input'];
  /** The values, in order, at most 500; those of the variants must be among them. Without a word, those of the variants. */
  values?: InputMaybe<Array<ProductOptionValueSetInput>>;
};

/** A value of an option. */
export type ProductOptionValueSetInput = {
  /** The value to change, so that it can be given another name. Without it, the one of this name. */
  id?: InputMaybe<Scalars['ID']['input']>;
  /** The value's name, such as Large. */
  name: Scalars['String']['input'];
  /** How it looks. Without a word as it did. */
  swatch?: InputMaybe<ProductOptionValueSwatchInput>;
};

/** How a value of an option looks; without a color and an image like nothing. */
export type ProductOptionValueSwatchInput = {
  /** The color. */
  color?: InputMaybe<Scalars['Color']['input']>;
  /** What the picture shows, in words. */
  imageAltText?: InputMaybe<Scalars['String']['input']>;
  /** Where the picture is: an address, or a path that begins with /. */
  imageUrl?: InputMaybe<Scalars['String']['input']>;
};

/** The price of a variant. */
export type ProductPriceInput = {
  /** The price before a reduction, in the shop's currency; 0 takes it away. Without a word it stays. */
  compareAtPrice?: InputMaybe<Scalars['Decimal']['input']>;
  /** The price, in the shop's currency. */
  price: Scalars['Decimal']['input'];
  /** The variant. */
  variantId: Scalars['ID']['input'];
};

/** Prices to change. */
export type ProductPricesSetInput = {
  /** The prices, at most 1,000. All are changed, or none. */
  prices: Array<ProductPriceInput>;
};

/** What kind of products go with one. */
export type ProductRecommendationIntent =
  /** What the shop says completes it. */
  | 'COMPLEMENTARY'
  /** What others bought with it, then what is like it. */
  | 'RELATED';

/** A product to make or to change: what is not given stays as it is, a list that is given takes the place of the one that was. It is named by its id, else by the externalId, else by the handle. */
export type ProductSetInput = {
  /** What completes the product, the best first, at most 50. */
  complementaryProductIds?: InputMaybe<Array<Scalars['ID']['input']>>;
  /** The description; what is not allowed in it is left out. */
  descriptionHtml?: InputMaybe<Scalars['HTML']['input']>;
  /** The version that the change rests on; another one refuses. */
  expectedVersion?: InputMaybe<Scalars['Int']['input']>;
  /** The caller's own id, unique per partner. */
  externalId?: InputMaybe<Scalars['String']['input']>;
  /** A name for addresses: letters, digits and hyphens. What is new and has none gets one from its title. */
  handle?: InputMaybe<Scalars['String']['input']>;
  /** The product to change. */
  id?: InputMaybe<Scalars['ID']['input']>;
  /** Whether it is a gift card. */
  isGiftCard?: InputMaybe<Scalars['Boolean']['input']>;
  /** What it is shown with, in order, at most 250. What is named by the address that it had stays what it is. */
  media?: InputMaybe<Array<ProductMediaInput>>;
  /** Metafields to write; others stay. At most 250. */
  metafields?: InputMaybe<Array<MetafieldInput>>;
  /** What its variants differ in, in order, at most three. Without a word, what the variants differ in. */
  options?: InputMaybe<Array<ProductOptionSetInput>>;
  /** The kind of product, such as Lamp. */
  productType?: InputMaybe<Scalars['String']['input']>;
  /** Whether shoppers see it: false keeps it back, true shows it at once or from publishedAt on. */
  published?: InputMaybe<Scalars['Boolean']['input']>;
  /** From when shoppers see it; beside published: false it is INVALID. Without a word what is new is seen at once. */
  publishedAt?: InputMaybe<Scalars['DateTime']['input']>;
  /** What search engines are told. */
  seo?: InputMaybe<SeoInput>;
  /** Whether it is offered, being prepared or put away. */
  status?: InputMaybe<ProductStatus>;
  /** The tags, at most 250. */
  tags?: InputMaybe<Array<Scalars['String']['input']>>;
  /** The product's name. What is new needs one. */
  title?: InputMaybe<Scalars['String']['input']>;
  /** Its variants, in order, at most 2,000. One that is there and not named is no longer offered. */
  variants?: InputMaybe<Array<ProductVariantSetInput>>;
  /** Who makes it. */
  vendor?: InputMaybe<Scalars['String']['input']>;
};

/** What products can be sorted by. */
export type ProductSortKeys =
  /** Units sold. */
  | 'BEST_SELLING'
  /** When the product was made. */
  | 'CREATED_AT'
  /** The id. */
  | 'ID'
  /** The lowest price. */
  | 'PRICE'
  /** The product type. */
  | 'PRODUCT_TYPE'
  /** How well it fits the query; without one the id. */
  | 'RELEVANCE'
  /** The title. */
  | 'TITLE'
  /** When the product last changed. */
  | 'UPDATED_AT'
  /** The vendor. */
  | 'VENDOR';

/** Whether a product is offered. */
export type ProductStatus =
  /** It is offered, once it is published. */
  | 'ACTIVE'
  /** It is put away. */
  | 'ARCHIVED'
  /** It is being prepared. */
  | 'DRAFT';

/** A variant to make or to change. It is named by its id, else by its SKU, else by its options. */
export type ProductVariantSetInput = {
  /** The bar code; an empty text takes it away. */
  barcode?: InputMaybe<Scalars['String']['input']>;
  /** The price before a reduction, in the shop's currency; 0 takes it away. */
  compareAtPrice?: InputMaybe<Scalars['Decimal']['input']>;
  /** The variant to change. */
  id?: InputMaybe<Scalars['ID']['input']>;
  /** Where its own image is; it joins the product's images where it is not among them. An empty text takes it away. */
  imageUrl?: InputMaybe<Scalars['String']['input']>;
  /** Metafields to write; others stay. */
  metafields?: InputMaybe<Array<MetafieldInput>>;
  /** The price, in the shop's currency. What is new needs one. */
  price?: InputMaybe<Scalars['Decimal']['input']>;
  /** How many may be bought at once. */
  quantityRule?: InputMaybe<QuantityRuleInput>;
  /** Whether it is a thing that must be delivered. */
  requiresShipping?: InputMaybe<Scalars['Boolean']['input']>;
  /** One value for each option. A product without options has none. */
  selectedOptions?: InputMaybe<Array<SelectedOptionInput>>;
  /** The stock keeping unit; an empty text takes it away. */
  sku?: InputMaybe<Scalars['String']['input']>;
  /** The class of its tax; empty is the shop's standard. */
  taxClass?: InputMaybe<Scalars['String']['input']>;
  /** Whether tax is charged. */
  taxable?: InputMaybe<Scalars['Boolean']['input']>;
  /** How much of something it is, for a price by measure; a quantity of 0 takes it away. */
  unitPriceMeasurement?: InputMaybe<UnitPriceMeasurementInput>;
  /** The weight, in weightUnit. */
  weight?: InputMaybe<Scalars['Float']['input']>;
  /** The unit of the weight. */
  weightUnit?: InputMaybe<WeightUnit>;
};

/** What variants can be sorted by. */
export type ProductVariantSortKeys =
  /** The id. */
  | 'ID'
  /** The place among the product's variants. */
  | 'POSITION'
  /** The place among the product's variants. */
  | 'RELEVANCE'
  /** The stock keeping unit. */
  | 'SKU'
  /** The title. */
  | 'TITLE';

/** A video with its files. */
export type ProductVideoInput = {
  /** Its files, the best first, at most 10. */
  sources: Array<ProductVideoSourceInput>;
};

/** One file of a video. */
export type ProductVideoSourceInput = {
  /** How high the picture is. */
  height: Scalars['Int']['input'];
  /** The file's media type: video/mp4, video/webm, video/quicktime or application/x-mpegURL. */
  mimeType: Scalars['String']['input'];
  /** Where the file is: an address, or a path that begins with /. */
  url: Scalars['String']['input'];
  /** How wide the picture is. */
  width: Scalars['Int']['input'];
};

/** Which promotion ends. */
export type PromotionDeleteInput = {
  /** The promotion's id. */
  id: Scalars['ID']['input'];
};

/** What can be wrong with what was asked of gift cards and discounts. */
export type PromotionErrorCode =
  /** The amount is nothing, or larger than an order can be. */
  | 'AMOUNT_OUT_OF_RANGE'
  /** There is one with this code already. */
  | 'CODE_TAKEN'
  /** There is no such customer. */
  | 'CUSTOMER_NOT_FOUND'
  /** Another one has, or had, this external id. */
  | 'EXTERNAL_ID_TAKEN'
  /** There is no such gift card. */
  | 'GIFT_CARD_NOT_FOUND'
  /** The key was used with other input. */
  | 'IDEMPOTENCY_KEY_REUSED'
  /** It is not valid. */
  | 'INVALID'
  /** There is no such promotion. */
  | 'PROMOTION_NOT_FOUND'
  /** It is too long. */
  | 'TOO_LONG'
  /** More orders have it already. */
  | 'USAGE_LIMIT_TOO_LOW'
  /** It has changed since; currentVersion says what it is. */
  | 'VERSION_CONFLICT';

/** What a promotion does. */
export type PromotionKind =
  /** Of so many of its goods, some are cheaper or free: the cheapest. */
  | 'BUY_X_GET_Y'
  /** An amount off its goods together, shared out over the lines. */
  | 'FIXED_AMOUNT'
  /** The shipping is free. */
  | 'FREE_SHIPPING'
  /** A part of what its goods cost. */
  | 'PERCENTAGE';

/** A whole promotion. One that is there is replaced: what is left out is taken away. */
export type PromotionSetInput = {
  /** For FIXED_AMOUNT. */
  amount?: InputMaybe<MoneyInput>;
  /** For BUY_X_GET_Y: how many must be bought. */
  buyQuantity?: InputMaybe<Scalars['Int']['input']>;
  /** The codes, at most 250; upper and lower case are the same. With none, it is for every order that fits. */
  codes?: InputMaybe<Array<Scalars['String']['input']>>;
  /** The collections that it is for, at most 250. */
  collectionIds?: InputMaybe<Array<Scalars['ID']['input']>>;
  /** Whether it combines with other discounts on goods; left out, it is given alone, where it gives most. */
  combines?: InputMaybe<Scalars['Boolean']['input']>;
  /** When it ends; left out, never. */
  endsAt?: InputMaybe<Scalars['DateTime']['input']>;
  /** The version that the caller saw; a later one refuses. */
  expectedVersion?: InputMaybe<Scalars['Int']['input']>;
  /** The caller's own id: replaces the promotion that has it, or makes one. */
  externalId?: InputMaybe<Scalars['String']['input']>;
  /** For BUY_X_GET_Y: how many are then got. */
  getQuantity?: InputMaybe<Scalars['Int']['input']>;
  /** Which promotion to replace. */
  id?: InputMaybe<Scalars['ID']['input']>;
  /** What it does. */
  kind: PromotionKind;
  /** How many of its goods an order must have. */
  minimumQuantity?: InputMaybe<Scalars['Int']['input']>;
  /** What an order's goods that it is for must cost, before discounts. */
  minimumSubtotal?: InputMaybe<MoneyInput>;
  /** For PERCENTAGE: above 0, at most 100. For BUY_X_GET_Y: off each unit that is got; left out, they are free. */
  percentage?: InputMaybe<Scalars['Decimal']['input']>;
  /** The products that it is for, at most 250. */
  productIds?: InputMaybe<Array<Scalars['ID']['input']>>;
  /** When it begins; left out, at once. */
  startsAt?: InputMaybe<Scalars['DateTime']['input']>;
  /** Its title, which shoppers see. */
  title: Scalars['String']['input'];
  /** How many orders can have it; left out, any number. */
  usageLimit?: InputMaybe<Scalars['Int']['input']>;
  /** How many orders of one customer can have it; left out, any number. */
  usageLimitPerCustomer?: InputMaybe<Scalars['Int']['input']>;
};

/** How many of a variant may be bought at once. */
export type QuantityRuleInput = {
  /** The quantity must be a multiple of this. */
  increment?: InputMaybe<Scalars['Int']['input']>;
  /** The largest quantity, a multiple of the increment; none where none is named. */
  maximum?: InputMaybe<Scalars['Int']['input']>;
  /** The smallest quantity, a multiple of the increment. */
  minimum?: InputMaybe<Scalars['Int']['input']>;
};

/** Where money goes back to. What each way to pay has given is the most that goes back to it. */
export type RefundDestination =
  /** Gift cards: those that have paid first; what was paid in another way goes to the first of them that can still be used, or to a new one. */
  | 'GIFT_CARD'
  /** What it was paid with: the payment methods first, then the gift cards, each in the order in which it has paid. */
  | 'ORIGINAL';

/** Why money goes back. */
export type RefundReason =
  /** The shopper has changed their mind. */
  | 'CUSTOMER'
  /** It came broken, or is not what was ordered. */
  | 'DAMAGED'
  /** It never came. */
  | 'NOT_RECEIVED'
  /** Something else. */
  | 'OTHER'
  /** It was too expensive. */
  | 'PRICE';

/** How far a refund has come. */
export type RefundState =
  /** The provider has refused it, or a part of it. */
  | 'FAILED'
  /** The provider is being asked. */
  | 'PENDING'
  /** The money is on its way. */
  | 'SUCCEEDED';

/** What search engines are told; what is not given stays, an empty text goes. */
export type SeoInput = {
  /** The description, at most 1,020 characters. */
  description?: InputMaybe<Scalars['String']['input']>;
  /** The title, at most 255 characters. */
  title?: InputMaybe<Scalars['String']['input']>;
};

/** What may be wrong with the settings of filters and searches. */
export type SearchErrorCode =
  /** It is not valid. */
  | 'INVALID'
  /** It is there already. */
  | 'TAKEN'
  /** There are too many. */
  | 'TOO_MANY';

/** Which words of a search may be the beginning of one. */
export type SearchPrefixQueryType =
  /** The last one. */
  | 'LAST'
  /** None. */
  | 'NONE';

/** What the findings of a search can be sorted by. */
export type SearchSortKeys =
  /** The lowest price; what has none comes after all that has. */
  | 'PRICE'
  /** How well it fits. */
  | 'RELEVANCE';

/** The whole of what means the same to a search. */
export type SearchSynonymsSetInput = {
  /** The groups, at most 500. */
  groups: Array<SynonymGroupInput>;
};

/** A kind of what a search finds. */
export type SearchType =
  /** Articles of the blogs. */
  | 'ARTICLE'
  /** Pages. */
  | 'PAGE'
  /** Products. */
  | 'PRODUCT';

/** What becomes of products that can't be bought now. */
export type SearchUnavailableProductsType =
  /** They are left out. */
  | 'HIDE'
  /** They come last. */
  | 'LAST'
  /** They stand where they belong. */
  | 'SHOW';

/** A part of things in which words are looked for. */
export type SearchableField =
  /** The author of an article. */
  | 'AUTHOR'
  /** The description of a product, the body of a page or an article. */
  | 'BODY'
  /** The product type. */
  | 'PRODUCT_TYPE'
  /** The tags. */
  | 'TAG'
  /** The title. */
  | 'TITLE'
  /** The barcodes of variants. */
  | 'VARIANTS_BARCODE'
  /** The stock keeping units of variants. */
  | 'VARIANTS_SKU'
  /** The titles of variants. */
  | 'VARIANTS_TITLE'
  /** The vendor. */
  | 'VENDOR';

/** An option with the value to select. */
export type SelectedOptionInput = {
  /** The option's name. */
  name: Scalars['String']['input'];
  /** The value to select. */
  value: Scalars['String']['input'];
};

/** What can be wrong with a change of the shop. */
export type ShopErrorCode =
  /** It is not valid. */
  | 'INVALID';

/** What a policy is about. */
export type ShopPolicyType =
  /** How the shop is reached. */
  | 'CONTACT_INFORMATION'
  /** Who answers for the shop by law. */
  | 'LEGAL_NOTICE'
  /** What the shop does with personal data. */
  | 'PRIVACY_POLICY'
  /** What can be given back, and until when. */
  | 'REFUND_POLICY'
  /** How and when goods are sent. */
  | 'SHIPPING_POLICY'
  /** What holds for subscriptions. */
  | 'SUBSCRIPTION_POLICY'
  /** What holds for a sale. */
  | 'TERMS_OF_SALE'
  /** What holds for using the shop. */
  | 'TERMS_OF_SERVICE';

/** What changes of the shop as shoppers see it; what is not given stays as it is. */
export type ShopUpdateInput = {
  /** How many seconds a shopper has for new payment details each time they are asked: 60 to 7776000, which is 90 days. Deadlines that run stay. */
  actionDeadlineSeconds?: InputMaybe<Scalars['Int']['input']>;
  /** How the shop looks and what it says of itself. */
  brand?: InputMaybe<BrandInput>;
  /** Where a cart is paid, with {url} for the shop's address and {cart} or {cartId} for the cart's id without gid://wharf/Cart/ in front. */
  checkoutUrlTemplate?: InputMaybe<Scalars['String']['input']>;
  /** The country that the shop is in. */
  country?: InputMaybe<CountryCode>;
  /** What the shop is; an empty text takes it away. */
  description?: InputMaybe<Scalars['String']['input']>;
  /** Where a customer confirms an e-mail address, with {url} for the shop's address, {customer} for the customer and {token}, which customerVerify takes. */
  emailVerificationUrlTemplate?: InputMaybe<Scalars['String']['input']>;
  /** The language that the shop is written in. */
  language?: InputMaybe<LanguageCode>;
  /** How amounts are written, with {{amount}} for the figure; an empty text follows the currency. */
  moneyFormat?: InputMaybe<Scalars['String']['input']>;
  /** The shop's name. */
  name?: InputMaybe<Scalars['String']['input']>;
  /** Where a customer chooses a new password, with {url} for the shop's address, {customer} for the customer and {token}, which customerReset takes. */
  passwordResetUrlTemplate?: InputMaybe<Scalars['String']['input']>;
  /** How many seconds after placing, or after new payment details, an order expires that is still not paid: 60 to 7776000, which is 90 days. Deadlines that run stay. */
  paymentDeadlineSeconds?: InputMaybe<Scalars['Int']['input']>;
  /** The countries it ships to; an empty list means all. */
  shipsToCountries?: InputMaybe<Array<CountryCode>>;
  /** The address of the storefront. */
  url?: InputMaybe<Scalars['URL']['input']>;
};

/** A staff member's e-mail and password. */
export type StaffAccessTokenCreateInput = {
  /** The e-mail address. */
  email: Scalars['String']['input'];
  /** The password. */
  password: Scalars['String']['input'];
};

/** What can be wrong with a staff member's login. */
export type StaffErrorCode =
  /** E-mail and password do not fit together. */
  | 'UNIDENTIFIED_STAFF_MEMBER';

/** Which stored payment method to delete. */
export type StoredPaymentMethodDeleteInput = {
  /** Its id. */
  id: Scalars['ID']['input'];
};

/** Words that mean the same to a search. */
export type SynonymGroupInput = {
  /** The words, 2 to 20; one may be several, which must then all be found. */
  words: Array<Scalars['String']['input']>;
};

/** An attribute of a category with a value. */
export type TaxonomyMetafieldFilter = {
  /** The attribute's key. */
  key: Scalars['String']['input'];
  /** The attribute's namespace. */
  namespace: Scalars['String']['input'];
  /** The value. */
  value: Scalars['String']['input'];
};

/** How much of something is sold, and how much of it a price by measure is for, in units of the same kind. */
export type UnitPriceMeasurementInput = {
  /** The unit of what is sold. */
  quantityUnit: UnitPriceMeasurementMeasuredUnit;
  /** How much is sold, with at most four decimals. */
  quantityValue: Scalars['Float']['input'];
  /** The unit of what the price is for. */
  referenceUnit: UnitPriceMeasurementMeasuredUnit;
  /** How much the price is for. */
  referenceValue: Scalars['Int']['input'];
};

/** What can be measured. */
export type UnitPriceMeasurementMeasuredType =
  /** A surface. */
  | 'AREA'
  /** A number of things. */
  | 'COUNT'
  /** A length. */
  | 'LENGTH'
  /** What it fills. */
  | 'VOLUME'
  /** What it weighs. */
  | 'WEIGHT';

/** The units in which is measured. */
export type UnitPriceMeasurementMeasuredUnit =
  /** Centiliters. */
  | 'CL'
  /** Centimeters. */
  | 'CM'
  /** Fluid ounces of the United States. */
  | 'FL_OZ'
  /** Feet. */
  | 'FT'
  /** Square feet. */
  | 'FT2'
  /** Grams. */
  | 'G'
  /** Gallons of the United States. */
  | 'GAL'
  /** Inches. */
  | 'IN'
  /** Things. */
  | 'ITEM'
  /** Kilograms. */
  | 'KG'
  /** Liters. */
  | 'L'
  /** Pounds. */
  | 'LB'
  /** Meters. */
  | 'M'
  /** Square meters. */
  | 'M2'
  /** Cubic meters. */
  | 'M3'
  /** Milligrams. */
  | 'MG'
  /** Milliliters. */
  | 'ML'
  /** Millimeters. */
  | 'MM'
  /** Ounces. */
  | 'OZ'
  /** Pints of the United States. */
  | 'PT'
  /** Quarts of the United States. */
  | 'QT'
  /** Yards. */
  | 'YD';

/** What lengths and weights are measured in. */
export type UnitSystem =
  /** Feet, ounces and pounds. */
  | 'IMPERIAL_SYSTEM'
  /** Meters, grams and kilograms. */
  | 'METRIC_SYSTEM';

/** An option with a value. */
export type VariantOptionFilter = {
  /** The option's name. */
  name: Scalars['String']['input'];
  /** The value. */
  value: Scalars['String']['input'];
};

/** A unit of weight. */
export type WeightUnit =
  /** Grams. */
  | 'GRAMS'
  /** Kilograms. */
  | 'KILOGRAMS'
  /** Ounces. */
  | 'OUNCES'
  /** Pounds. */
  | 'POUNDS';

export type ShelfQueryVariables = Exact<{
  country?: InputMaybe<CountryCode>;
  language?: InputMaybe<LanguageCode>;
}>;


export type ShelfQuery = { __typename?: 'Query', shop: { __typename?: 'Shop', name: string }, products: { __typename?: 'ProductConnection', nodes: Array<{ __typename?: 'Product', title: string, variants: { __typename?: 'ProductVariantConnection', nodes: Array<{ __typename?: 'ProductVariant', id: string, price: { __typename?: 'MoneyV2', amount: string, currencyCode: CurrencyCode } }> } }> } };

export type PlaceMutationVariables = Exact<{
  input: OrderPlaceInput;
}>;


export type PlaceMutation = { __typename?: 'Mutation', orderPlace: { __typename?: 'OrderPlacePayload', accessToken?: string | null, order?: { __typename?: 'Order', id: string, name: string, version: number, status: OrderStatus } | null, userErrors: Array<{ __typename?: 'OrderUserError', code: OrderErrorCode, field?: Array<string> | null, message: string }> } };

export type FollowSubscriptionVariables = Exact<{
  id: Scalars['ID']['input'];
  token?: InputMaybe<Scalars['String']['input']>;
  after?: InputMaybe<Scalars['Int']['input']>;
}>;


export type FollowSubscription = { __typename?: 'Subscription', orderEvents: { __typename?: 'OrderEvent', version: number, type: string, message: string, order: { __typename?: 'Order', id: string, version: number, status: OrderStatus } } };

export type SeenQueryVariables = Exact<{
  id: Scalars['ID']['input'];
  token?: InputMaybe<Scalars['String']['input']>;
}>;


export type SeenQuery = { __typename?: 'Query', order?: { __typename?: 'Order', name: string, status: OrderStatus } | null };


export const ShelfDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Shelf"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"country"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"CountryCode"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"language"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"LanguageCode"}}}],"directives":[{"kind":"Directive","name":{"kind":"Name","value":"inContext"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"country"},"value":{"kind":"Variable","name":{"kind":"Name","value":"country"}}},{"kind":"Argument","name":{"kind":"Name","value":"language"},"value":{"kind":"Variable","name":{"kind":"Name","value":"language"}}}]}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"shop"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"products"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"3"}},{"kind":"Argument","name":{"kind":"Name","value":"query"},"value":{"kind":"StringValue","value":"available_for_sale:true","block":false}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"title"}},{"kind":"Field","name":{"kind":"Name","value":"variants"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"1"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"price"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"amount"}},{"kind":"Field","name":{"kind":"Name","value":"currencyCode"}}]}}]}}]}}]}}]}}]}}]} as unknown as DocumentNode<ShelfQuery, ShelfQueryVariables>;
export const PlaceDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"Place"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"OrderPlaceInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"orderPlace"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"order"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"version"}},{"kind":"Field","name":{"kind":"Name","value":"status"}}]}},{"kind":"Field","name":{"kind":"Name","value":"accessToken"}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"field"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]} as unknown as DocumentNode<PlaceMutation, PlaceMutationVariables>;
export const FollowDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"Follow"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"token"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"orderEvents"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"orderId"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}},{"kind":"Argument","name":{"kind":"Name","value":"accessToken"},"value":{"kind":"Variable","name":{"kind":"Name","value":"token"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"version"}},{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"order"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"version"}},{"kind":"Field","name":{"kind":"Name","value":"status"}}]}}]}}]}}]} as unknown as DocumentNode<FollowSubscription, FollowSubscriptionVariables>;
export const SeenDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Seen"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"token"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"order"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}},{"kind":"Argument","name":{"kind":"Name","value":"accessToken"},"value":{"kind":"Variable","name":{"kind":"Name","value":"token"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"status"}}]}}]}}]} as unknown as DocumentNode<SeenQuery, SeenQueryVariables>;