-- An order in a currency without decimals can be larger than Decimal(18, 4).
ALTER TABLE {db}.decisions MODIFY COLUMN IF EXISTS amount Decimal(38, 4)
