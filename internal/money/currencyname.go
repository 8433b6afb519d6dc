package money

// Name is what the currency is called in English, or the code itself where that is not known.
func (c Currency) Name() string {
	if name, ok := names[c]; ok {
		return name
	}
	return string(c)
}

// names are the currencies of the vocabulary.
var names = map[Currency]string{
	"AED": "United Arab Emirates Dirham", "AFN": "Afghan Afghani", "ALL": "Albanian Lek", "AMD": "Armenian Dram",
	"ANG": "Netherlands Antillean Guilder", "AOA": "Angolan Kwanza", "ARS": "Argentine Peso",
	"AUD": "Australian Dollar", "AWG": "Aruban Florin", "AZN": "Azerbaijani Manat",
	"BAM": "Bosnia-Herzegovina Convertible Mark", "BBD": "Barbadian Dollar", "BDT": "Bangladeshi Taka",
	"BGN": "Bulgarian Lev", "BHD": "Bahraini Dinar", "BIF": "Burundian Franc", "BMD": "Bermudian Dollar",
	"BND": "Brunei Dollar", "BOB": "Bolivian Boliviano", "BRL": "Brazilian Real", "BSD": "Bahamian Dollar",
	"BTN": "Bhutanese Ngultrum", "BWP": "Botswana Pula", "BYN": "Belarusian Ruble",
	"BYR": "Belarusian Ruble (2000–2016)", "BZD": "Belize Dollar", "CAD": "Canadian Dollar", "CDF": "Congolese Franc",
	"CHF": "Swiss Franc", "CLF": "Chilean Unit of Account", "CLP": "Chilean Peso", "CNY": "Chinese Yuan",
	"COP": "Colombian Peso", "CRC": "Costa Rican Colón", "CUP": "Cuban Peso", "CVE": "Cape Verdean Escudo",
	"CZK": "Czech Koruna", "DJF": "Djiboutian Franc", "DKK": "Danish Krone", "DOP": "Dominican Peso",
	"DZD": "Algerian Dinar", "EGP": "Egyptian Pound", "ERN": "Eritrean Nakfa", "ETB": "Ethiopian Birr", "EUR": "Euro",
	"FJD": "Fijian Dollar", "FKP": "Falkland Islands Pound", "GBP": "British Pound", "GEL": "Georgian Lari",
	"GHS": "Ghanaian Cedi", "GIP": "Gibraltar Pound", "GMD": "Gambian Dalasi", "GNF": "Guinean Franc",
	"GTQ": "Guatemalan Quetzal", "GYD": "Guyanaese Dollar", "HKD": "Hong Kong Dollar", "HNL": "Honduran Lempira",
	"HRK": "Croatian Kuna", "HTG": "Haitian Gourde", "HUF": "Hungarian Forint", "IDR": "Indonesian Rupiah",
	"ILS": "Israeli New Shekel", "INR": "Indian Rupee", "IQD": "Iraqi Dinar", "IRR": "Iranian Rial",
	"ISK": "Icelandic Króna", "JEP": "Jersey Pound", "JMD": "Jamaican Dollar", "JOD": "Jordanian Dinar",
	"JPY": "Japanese Yen", "KES": "Kenyan Shilling", "KGS": "Kyrgyzstani Som", "KHR": "Cambodian Riel",
	"KID": "Kiribati Dollar", "KMF": "Comorian Franc", "KPW": "North Korean Won", "KRW": "South Korean Won",
	"KWD": "Kuwaiti Dinar", "KYD": "Cayman Islands Dollar", "KZT": "Kazakhstani Tenge", "LAK": "Laotian Kip",
	"LBP": "Lebanese Pound", "LKR": "Sri Lankan Rupee", "LRD": "Liberian Dollar", "LSL": "Lesotho Loti",
	"LTL": "Lithuanian Litas", "LVL": "Latvian Lats", "LYD": "Libyan Dinar", "MAD": "Moroccan Dirham",
	"MDL": "Moldovan Leu", "MGA": "Malagasy Ariary", "MKD": "Macedonian Denar", "MMK": "Myanmar Kyat",
	"MNT": "Mongolian Tugrik", "MOP": "Macanese Pataca", "MRU": "Mauritanian Ouguiya", "MUR": "Mauritian Rupee",
	"MVR": "Maldivian Rufiyaa", "MWK": "Malawian Kwacha", "MXN": "Mexican Peso", "MYR": "Malaysian Ringgit",
	"MZN": "Mozambican Metical", "NAD": "Namibian Dollar", "NGN": "Nigerian Naira", "NIO": "Nicaraguan Córdoba",
	"NOK": "Norwegian Krone", "NPR": "Nepalese Rupee", "NZD": "New Zealand Dollar", "OMR": "Omani Rial",
	"PAB": "Panamanian Balboa", "PEN": "Peruvian Sol", "PGK": "Papua New Guinean Kina", "PHP": "Philippine Peso",
	"PKR": "Pakistani Rupee", "PLN": "Polish Zloty", "PYG": "Paraguayan Guarani", "QAR": "Qatari Riyal",
	"RON": "Romanian Leu", "RSD": "Serbian Dinar", "RUB": "Russian Ruble", "RWF": "Rwandan Franc", "SAR": "Saudi Riyal",
	"SBD": "Solomon Islands Dollar", "SCR": "Seychellois Rupee", "SDG": "Sudanese Pound", "SEK": "Swedish Krona",
	"SGD": "Singapore Dollar", "SHP": "St. Helena Pound", "SLL": "Sierra Leonean Leone (1964–2022)",
	"SOS": "Somali Shilling", "SRD": "Surinamese Dollar", "SSP": "South Sudanese Pound",
	"STD": "São Tomé & Príncipe Dobra (1977–2017)", "STN": "São Tomé & Príncipe Dobra", "SVC": "Salvadoran Colón",
	"SYP": "Syrian Pound", "SZL": "Swazi Lilangeni", "THB": "Thai Baht", "TJS": "Tajikistani Somoni",
	"TMT": "Turkmenistani Manat", "TND": "Tunisian Dinar", "TOP": "Tongan Paʻanga", "TRY": "Turkish Lira",
	"TTD": "Trinidad & Tobago Dollar", "TWD": "New Taiwan Dollar", "TZS": "Tanzanian Shilling",
	"UAH": "Ukrainian Hryvnia", "UGX": "Ugandan Shilling", "USD": "United States Dollar", "UYU": "Uruguayan Peso",
	"UZS": "Uzbekistani Som", "VED": "Bolívar Digital", "VEF": "Venezuelan Bolívar (2008–2018)",
	"VES": "Venezuelan Bolívar", "VND": "Vietnamese Dong", "VUV": "Vanuatu Vatu", "WST": "Samoan Tala",
	"XAF": "Central African CFA Franc", "XCD": "East Caribbean Dollar", "XOF": "West African CFA Franc",
	"XPF": "CFP Franc", "XXX": "Unknown Currency", "YER": "Yemeni Rial", "ZAR": "South African Rand",
	"ZMW": "Zambian Kwacha",
}
