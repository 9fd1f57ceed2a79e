namespace Unlearn.MLNet;

/// <summary>Whether a result meets its target.</summary>
public sealed record Verdict
{
    /// <summary>The criterion.</summary>
    public required VerdictCriterion Criterion { get; init; }

    /// <summary>The measured value; NaN if it is undefined.</summary>
    public required double Value { get; init; }

    /// <summary>The target that the value should reach.</summary>
    public required double Target { get; init; }

    /// <summary>Whether the target is met; <see langword="null"/> if the value is undefined.</summary>
    public bool? Passed =>
        double.IsNaN(Value) ? null : Criterion is VerdictCriterion.AucInterval or VerdictCriterion.ToldApart ? Value > Target : Value >= Target;

    /// <summary>Why there is no value, in words; <see langword="null"/> if there is a value or the reason is unknown.</summary>
    public string? Reason { get; init; }

    /// <summary>PASS or FAIL with the figures, or NO VERDICT with the reason.</summary>
    public override string ToString()
    {
        var target = Invariant($"{(Criterion is VerdictCriterion.AucInterval or VerdictCriterion.ToldApart ? "above" : "at least")} {Target:0.###}");
        if (Criterion == VerdictCriterion.ToldApart && Passed == false)
            return Invariant($"FAIL: not told apart from doing nothing, whose AUC for the label is within {Target:0.###} of the unlearner's own");
        return Passed is not { } passed
            ? $"NO VERDICT: {Meaning} is undefined{(Reason is null ? "" : $", {Reason}")}; target {target}"
            : Invariant($"{(passed ? "PASS" : "FAIL")}: {Meaning} {Value:0.000}, target {target}");
    }

    private string Meaning => Criterion switch
    {
        VerdictCriterion.AucInterval => "lower end of the AUC's interval",
        VerdictCriterion.ToldApart => "own AUC across halves over that of doing nothing",
        VerdictCriterion.CeilingShare => "share of the ceiling's excess over 0.5",
        _ => "AUC when trained on the other unlearners",
    };
}
