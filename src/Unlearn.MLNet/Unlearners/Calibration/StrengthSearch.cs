namespace Unlearn.MLNet.Unlearners.Calibration;

/// <summary>
/// Searches the strength of one unlearner: a geometric ladder from strength 1 until one rung is too weak and the next too strong, then a few strengths between
/// them on a logarithmic scale.
/// One at the edge of the band is bettered up to twice, so that other forget sets confirm it.
/// The next strength follows from the rungs alone, so a resumed search goes the same way.
/// </summary>
/// <param name="options">Band, budget and ladder.</param>
internal sealed class StrengthSearch(CalibrationOptions options)
{
    // Unlearning that costs up to twice the budget may repair itself at the next rung.
    private const double FarOverBudget = 2;
    private const double ClosestRatio = 1.02;
    private const int Digits = 3;
    private const int LargestNumberOfBetter = 2;
    private const double LeastPower = 0.25, LargestPower = 4;

    /// <summary>The next strength to try.</summary>
    /// <param name="rungs">The rungs so far.</param>
    /// <returns>The strength; <see langword="null"/> if the search is over.</returns>
    public double? Next(IReadOnlyCollection<CalibrationRung> rungs)
    {
        if (rungs.Count == 0)
            return 1;
        CalibrationRung[] ascending = [.. rungs.OrderBy(rung => rung.Strength)];
        if (Array.Exists(ascending, IsGood))
            return Better(ascending);
        var (weakest, strongest) = (ascending[0], ascending[^1]);
        if ((IsWeak(strongest) || MayRepair(strongest)) && Ladder(strongest.Strength * options.LadderFactor) is var up && up <= options.StrongestStrength)
            return up;
        var lower = Array.FindLastIndex(ascending, IsWeak);
        if (lower < 0)
            return Ladder(weakest.Strength / options.LadderFactor) is var down && down >= options.WeakestStrength ? down : null;
        var refinements = rungs.Count(rung => !IsOnLadder(rung.Strength));
        return lower == ascending.Length - 1 || refinements >= options.Refinements
            ? null
            : Between(ascending[lower], ascending[lower + 1], isMiddle: refinements % 2 != 0);
    }

    /// <summary>Chooses among the rungs.</summary>
    /// <param name="rungs">The rungs, at least one.</param>
    /// <returns>The rung, and whether it was reached; no rung if nothing fits the budget.</returns>
    public (CalibrationVerdict Verdict, CalibrationRung? Rung) Choose(IReadOnlyCollection<CalibrationRung> rungs)
    {
        if (rungs.Where(IsGood).MinBy(rung => Math.Abs(rung.UndoneShare - 1)) is { } good)
            return (CalibrationVerdict.Reached, good);
        var closest = rungs.Where(rung => Fits(rung) && rung.UndoneShare < options.LeastUndoneShare).MaxBy(rung => rung.UndoneShare)
            ?? rungs.Where(Fits).MinBy(rung => rung.UndoneShare);
        return (closest is null ? CalibrationVerdict.NothingFits : CalibrationVerdict.StrongestWithinBudget, closest);
    }

    private bool Fits(CalibrationRung rung) => rung.AccuracyLoss <= options.AccuracyBudget;

    /// <summary>Whether a strength undoes as much as retraining, within the budget.</summary>
    public bool IsGood(CalibrationRung rung) => Fits(rung) && rung.UndoneShare >= options.LeastUndoneShare && rung.UndoneShare <= options.LargestUndoneShare;

    private bool IsWeak(CalibrationRung rung) => Fits(rung) && rung.UndoneShare < options.LeastUndoneShare;

    private bool MayRepair(CalibrationRung rung) => rung.UndoneShare < options.LeastUndoneShare && rung.AccuracyLoss <= FarOverBudget * options.AccuracyBudget;

    // Nearer to 1 than the best so far, by the power law through its neighbor.
    private double? Better(CalibrationRung[] ascending)
    {
        var best = ascending.Where(IsGood).MinBy(rung => Math.Abs(rung.UndoneShare - 1))!;
        var isMiddle = best.UndoneShare >= (1 + options.LeastUndoneShare) / 2 && best.UndoneShare <= (1 + options.LargestUndoneShare) / 2;
        if (isMiddle || ascending.Count(IsGood) > LargestNumberOfBetter || ascending.Count(rung => !IsOnLadder(rung.Strength)) >= options.Refinements)
            return null;
        var place = Array.IndexOf(ascending, best);
        var other = best.UndoneShare < 1 ? 1 : -1;
        var neighbor = ascending.ElementAtOrDefault(place + other) ?? ascending.ElementAtOrDefault(place - other);
        var power = neighbor is { UndoneShare: > 0 } ? Math.Log(neighbor.UndoneShare / best.UndoneShare) / Math.Log(neighbor.Strength / best.Strength) : 1;
        var better = Rounded(best.Strength * Math.Pow(1 / best.UndoneShare, 1 / Math.Clamp(power, LeastPower, LargestPower)));
        var isNew = better >= options.WeakestStrength && better <= options.StrongestStrength && !Array.Exists(ascending, rung => rung.Strength == better);
        return isNew ? better : null;
    }

    // Where the undone share is expected to be 1, or the budget used up, between two rungs. Every other time the middle, since a curve may bend;
    // after a failed rung, which has no figures, always.
    private double? Between(CalibrationRung weak, CalibrationRung strong, bool isMiddle)
    {
        if (strong.Strength / weak.Strength < ClosestRatio)
            return null;
        var place = 0.5;
        if (!isMiddle && strong.Failure is null)
            place = Math.Clamp(
                Math.Min(PlaceOfOne(weak.UndoneShare, strong.UndoneShare), PlaceOf(options.AccuracyBudget, weak.AccuracyLoss, strong.AccuracyLoss)), 0.2, 0.8);
        var between = Rounded(weak.Strength * Math.Pow(strong.Strength / weak.Strength, place));
        return between > weak.Strength && between < strong.Strength ? between : null;
    }

    // On a logarithmic scale where that is defined: the undone share often grows like a power of the strength.
    private static double PlaceOfOne(double weak, double strong) =>
        weak > 0 && strong > 0 ? PlaceOf(0, Math.Log(weak), Math.Log(strong)) : PlaceOf(1, weak, strong);

    private static double PlaceOf(double value, double weak, double strong) => strong > value ? (value - weak) / (strong - weak) : 1;

    private bool IsOnLadder(double strength) => Ladder(strength) == strength;

    private double Ladder(double strength) =>
        Rounded(Math.Pow(options.LadderFactor, Math.Round(Math.Log(strength) / Math.Log(options.LadderFactor))), 2 * Digits);

    private static double Rounded(double value, int digits = Digits)
    {
        var scale = Math.Pow(10, digits - 1 - Math.Floor(Math.Log10(value)));
        return Math.Round(value * scale) / scale;
    }
}
