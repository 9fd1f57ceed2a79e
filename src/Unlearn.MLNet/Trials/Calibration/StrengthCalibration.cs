using Unlearn.MLNet.Unlearners.Calibration;

namespace Unlearn.MLNet.Trials.Calibration;

/// <summary>The calibration of one adjustable unlearner: its rungs so far, and what comes next.</summary>
/// <param name="plan">The unlearner and its trials.</param>
/// <param name="unlearner">The unlearner.</param>
/// <param name="reference">What it is calibrated to.</param>
/// <param name="options">Options.</param>
internal sealed class StrengthCalibration(UnlearnerPlan plan, IAdjustableUnlearner unlearner, CalibrationReference reference, CalibrationOptions options)
{
    private const int ExpectedRungs = 6;

    private readonly StrengthSearch _search = new(options);
    private readonly SortedDictionary<double, CalibrationMeasurement[]> _measured = [];
    private int _sets = reference.ForgetSets.Count;
    private bool _isRefused;

    /// <summary>The unlearner and its trials.</summary>
    public UnlearnerPlan Plan => plan;

    /// <summary>The forget sets that the next strength is tried on.</summary>
    public IReadOnlyList<int[]> ForgetSets => [.. reference.ForgetSets.Take(_sets)];

    /// <summary>Number of strengths that were tried.</summary>
    public int Tried => _measured.Count;

    /// <summary>The next strength; <see langword="null"/> if the search is over.</summary>
    public double? Next => _isRefused || reference.IsBelowNoise(reference.ForgetSets.Count) ? null : _search.Next(Rungs());

    /// <summary>Mean processor seconds of one unlearning with the unlearner's own options; NaN before the first rung.</summary>
    public double SecondsPerTrial => _measured.TryGetValue(1, out var own) ? own.Average(of => of.Seconds) : double.NaN;

    /// <summary>The unlearner with a strength; <see langword="null"/> if it refuses the strength, which ends the search.</summary>
    public IUnlearner? With(double strength)
    {
        try
        {
            return unlearner.WithStrength(strength);
        }
        catch (ArgumentOutOfRangeException)
        {
            _isRefused = true;
            return null;
        }
    }

    /// <summary>Takes note of a rung.</summary>
    public void Add(double strength, CalibrationMeasurement[] measurements)
    {
        _measured.Add(strength, measurements);
        _isRefused |= Array.Exists(measurements, of => of is { Failure: not null, IsDivergence: false });
    }

    /// <summary>Whether the next strength fits the seconds that are left for this unlearner. After the first rung, the number of forget sets is fitted to them.</summary>
    public bool Fits(double seconds)
    {
        if (Next is not { } next || _measured.Count == 0)
            return true;
        if (_measured.Count == 1)
            _sets = (int)Math.Clamp(seconds / (ExpectedRungs * Math.Max(SecondsPerTrial, double.Epsilon)), 1, _sets);
        return Forecast(next) * _sets <= seconds;
    }

    /// <summary>What was found.</summary>
    /// <param name="retrainings">Number of retrainings without each forget set.</param>
    public (UnlearnerPlan Plan, UnlearnerCalibration Calibration) Result(int retrainings)
    {
        var rungs = Rungs();
        var (verdict, rung) = rungs.Count == 0 ? (reference.IsBelowNoise(reference.ForgetSets.Count) ? CalibrationVerdict.BelowNoise : CalibrationVerdict.NothingFits, null) : _search.Choose(rungs);
        var chosen = rung is null ? unlearner : unlearner.WithStrength(rung.Strength);
        var result = new UnlearnerCalibration
        {
            Unlearner = unlearner.Name,
            Verdict = verdict,
            Explanation = "",
            Strength = rung?.Strength ?? 1,
            StrengthScales = unlearner.StrengthScales,
            Specification = chosen.Specification,
            ForgottenRows = reference.ForgetSets[0].Length,
            ForgetSets = _sets,
            Retrainings = retrainings,
            TargetConfidence = reference.TargetConfidence(_sets),
            RetrainedConfidence = reference.RetrainedConfidence(_sets),
            RetrainedError = reference.RetrainedError(_sets),
            TargetAccuracy = reference.TargetAccuracy(_sets),
            RetrainedAccuracy = reference.RetrainedAccuracy(_sets),
            Rungs = rungs,
            Options = options,
        };
        return (plan with { Unlearner = chosen, ForgetShare = plan.ForgetShare }, result with { Explanation = CalibrationWords.Explain(result, isTooCostly: Next is not null) });
    }

    // A stronger rung costs no less than a weaker one; beyond the strongest, cost goes on growing as it did.
    private double Forecast(double strength)
    {
        if (_measured.FirstOrDefault(rung => rung.Key > strength).Value is { } stronger)
            return stronger.Average(of => of.Seconds);
        var (last, lastSeconds) = (_measured.Keys.Last(), _measured.Values.Last().Average(of => of.Seconds));
        var growth = _measured.Count == 1 ? strength / last : lastSeconds / _measured.Values.SkipLast(1).Last().Average(of => of.Seconds);
        return lastSeconds * Math.Clamp(growth, 1, Math.Max(1, strength / last));
    }

    private List<CalibrationRung> Rungs() => [.. _measured.Select(rung => reference.ToRung(rung.Key, [.. rung.Value.Take(_sets)]))];
}
