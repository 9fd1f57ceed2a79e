using Unlearn.MLNet.Unlearners.Calibration;
using Xunit;

namespace Unlearn.MLNet.Tests.Strengths;

/// <summary>Searches on curves that are known.</summary>
public sealed class StrengthSearchTests
{
    private static readonly CalibrationOptions Options = new();

    private static List<CalibrationRung> Search(Func<double, double> undone, Func<double, double> loss, CalibrationOptions? options = null)
    {
        var search = new StrengthSearch(options ?? Options);
        List<CalibrationRung> rungs = [];
        while (search.Next(rungs) is { } strength)
        {
            Assert.DoesNotContain(rungs, rung => rung.Strength == strength);
            rungs.Add(double.IsNaN(undone(strength))
                ? new() { Strength = strength, CpuSeconds = 0, Failure = "diverged" }
                : new() { Strength = strength, UndoneShare = undone(strength), AccuracyLoss = loss(strength), CpuSeconds = 0 });
            Assert.InRange(rungs.Count, 1, 20);
        }
        return rungs;
    }

    private static (CalibrationVerdict Verdict, CalibrationRung? Rung) Choose(List<CalibrationRung> rungs) => new StrengthSearch(Options).Choose(rungs);

    [Theory]
    [InlineData(0.07)]
    [InlineData(0.3)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(11)]
    [InlineData(50)]
    public void The_strength_that_undoes_all_is_found(double answer)
    {
        foreach (var steepness in new[] { 0.5, 1, 2, 4 })
        {
            var (verdict, rung) = Choose(Search(strength => Math.Pow(strength / answer, steepness), _ => 0.01));
            Assert.Equal(CalibrationVerdict.Reached, verdict);
            Assert.InRange(rung!.UndoneShare, 0.9, 1.1);
        }
    }

    [Fact]
    public void An_unlearner_that_undoes_all_by_itself_is_tried_once() => Assert.Equal(1, Assert.Single(Search(_ => 1.05, _ => 0)).Strength);

    [Theory]
    [InlineData(0.92)]
    [InlineData(1.09)]
    public void One_at_the_edge_of_the_band_is_bettered(double own)
    {
        foreach (var steepness in new[] { 0.5, 1, 2 })
        {
            var rungs = Search(strength => own * Math.Pow(strength, steepness), _ => 0);
            Assert.InRange(rungs.Count, 2, 3);
            Assert.InRange(Choose(rungs).Rung!.UndoneShare, 0.95, 1.05);
        }
        Assert.InRange(Search(_ => own, _ => 0).Count, 1, 3);
        var (verdict, rung) = Choose(Search(strength => own * strength, strength => strength == 1 ? 0 : 0.5));
        Assert.Equal((CalibrationVerdict.Reached, 1), (verdict, rung!.Strength));
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(1.5)]
    [InlineData(20)]
    public void Where_the_budget_ends_first_the_strongest_within_it_is_found(double strongest)
    {
        var rungs = Search(strength => 0.5 * strength / strongest, strength => 0.02 * strength / strongest);
        var (verdict, rung) = Choose(rungs);
        Assert.Equal(CalibrationVerdict.StrongestWithinBudget, verdict);
        Assert.InRange(rung!.Strength, 0.8 * strongest, strongest);
        Assert.Equal(rungs.Where(of => of.AccuracyLoss <= 0.02).Max(of => of.Strength), rung.Strength);
    }

    [Fact]
    public void A_rung_slightly_over_the_budget_may_be_repaired_by_the_next()
    {
        var (verdict, rung) = Choose(Search(strength => 0.25 * strength, strength => strength == 2 ? 0.03 : 0.01));
        Assert.Equal((CalibrationVerdict.Reached, 4), (verdict, rung!.Strength));
    }

    [Fact]
    public void The_ladder_ends_where_the_model_is_destroyed()
    {
        var rungs = Search(strength => 0.1 * strength, strength => strength >= 4 ? 0.5 : 0);
        Assert.Equal(4, rungs.Max(rung => rung.Strength));
        Assert.Equal(rungs.Count, rungs.Select(rung => rung.Strength).Distinct().Count());
    }

    [Fact]
    public void Divergence_is_too_strong()
    {
        var (verdict, rung) = Choose(Search(strength => strength < 12 ? strength / 11 : double.NaN, _ => 0));
        Assert.Equal(CalibrationVerdict.Reached, verdict);
        Assert.InRange(rung!.Strength, 9.9, 12);
    }

    [Fact]
    public void One_that_overshoots_at_its_weakest_is_left_at_its_weakest()
    {
        var (verdict, rung) = Choose(Search(strength => 2 + strength, _ => 0));
        Assert.Equal((CalibrationVerdict.StrongestWithinBudget, 1.0 / 16), (verdict, rung!.Strength));
    }

    [Fact]
    public void Nothing_fits_where_even_the_weakest_costs_too_much()
    {
        var rungs = Search(_ => 0.5, _ => 0.3);
        Assert.Equal([1, 0.5, 0.25, 0.125, 0.0625], rungs.Select(rung => rung.Strength));
        Assert.Equal((CalibrationVerdict.NothingFits, null), Choose(rungs));
    }

    [Fact]
    public void As_many_strengths_between_rungs_are_tried_as_are_allowed()
    {
        // A jump that no strength hits.
        foreach (var refinements in new[] { 0, 1, 4 })
            Assert.Equal(2 + refinements, Search(strength => strength < 1.5 ? 0 : 5, _ => 0, Options with { Refinements = refinements }).Count);
    }

    [Theory]
    [InlineData(nameof(CalibrationOptions.AccuracyBudget), -0.1)]
    [InlineData(nameof(CalibrationOptions.AccuracyBudget), double.NaN)]
    [InlineData(nameof(CalibrationOptions.LeastUndoneShare), 0)]
    [InlineData(nameof(CalibrationOptions.LargestUndoneShare), 0.9)]
    [InlineData(nameof(CalibrationOptions.ForgetSets), 0)]
    [InlineData(nameof(CalibrationOptions.CheckSets), 0)]
    [InlineData(nameof(CalibrationOptions.Retrainings), 1)]
    [InlineData(nameof(CalibrationOptions.WeakestStrength), 2)]
    [InlineData(nameof(CalibrationOptions.StrongestStrength), double.PositiveInfinity)]
    [InlineData(nameof(CalibrationOptions.LadderFactor), 1)]
    [InlineData(nameof(CalibrationOptions.Refinements), -1)]
    [InlineData(nameof(CalibrationOptions.LargestCostShare), 0)]
    public void Options_out_of_range_are_named(string name, double value)
    {
        var options = name switch
        {
            nameof(CalibrationOptions.AccuracyBudget) => Options with { AccuracyBudget = value },
            nameof(CalibrationOptions.LeastUndoneShare) => Options with { LeastUndoneShare = value },
            nameof(CalibrationOptions.LargestUndoneShare) => Options with { LargestUndoneShare = value },
            nameof(CalibrationOptions.ForgetSets) => Options with { ForgetSets = (int)value },
            nameof(CalibrationOptions.CheckSets) => Options with { CheckSets = (int)value },
            nameof(CalibrationOptions.Retrainings) => Options with { Retrainings = (int)value },
            nameof(CalibrationOptions.WeakestStrength) => Options with { WeakestStrength = value },
            nameof(CalibrationOptions.StrongestStrength) => Options with { StrongestStrength = value },
            nameof(CalibrationOptions.LadderFactor) => Options with { LadderFactor = value },
            nameof(CalibrationOptions.Refinements) => Options with { Refinements = (int)value },
            _ => Options with { LargestCostShare = value },
        };
        Assert.StartsWith(FormattableString.Invariant($"CalibrationOptions.{name} must be "), Assert.Throws<ArgumentException>(options.Check).Message,
            StringComparison.Ordinal);
    }
}
