package catalog

// FollowRulesWithin is FollowRules in another time for one statement and for all tries.
var FollowRulesWithin = followRules
