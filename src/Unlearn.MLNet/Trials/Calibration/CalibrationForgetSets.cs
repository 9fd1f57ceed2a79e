using Unlearn.MLNet.Trials.Planning;
using Unlearn.Transforms;

namespace Unlearn.MLNet.Trials.Calibration;

/// <summary>The forget sets of a calibration. They are dealt from decks of their own, so that they are other sets than the trials'.</summary>
internal static class CalibrationForgetSets
{
    /// <summary>Deals forget sets. More sets extend fewer.</summary>
    /// <param name="ids">Ids of all rows.</param>
    /// <param name="size">Rows in each set.</param>
    /// <param name="count">Number of sets.</param>
    /// <param name="seed">Root seed.</param>
    /// <returns>The positions of each set, ascending.</returns>
    public static IReadOnlyList<int[]> Deal(IReadOnlyList<string> ids, int size, int count, long seed)
    {
        var deck = new RowDeck(TrialPlanner.PositionsById(ids), shuffle => Seed.Derive(seed, "calibration/deck", size, shuffle));
        return [.. Enumerable.Range(0, count).Select(_ => deck.Deal(size).Order().ToArray())];
    }
}
