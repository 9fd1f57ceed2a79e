namespace Unlearn.MLNet.Trials;

/// <summary>How the trials of a plan are dealt: with unlearner and context, all that is needed to deal them again.</summary>
/// <param name="Ids">Ids of the rows that may be forgotten.</param>
/// <param name="Trials">Number of trials.</param>
/// <param name="GroupSize">Number of rows that one trial forgets.</param>
/// <param name="Seed">Root seed.</param>
internal sealed record TrialDeal(IReadOnlyList<string> Ids, int Trials, int GroupSize, long Seed);
