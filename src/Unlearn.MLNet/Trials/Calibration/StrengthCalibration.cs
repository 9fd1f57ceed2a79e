using Unlearn.MLNet.Unlearners.Calibration;

namespace Unlearn.MLNet.Trials.Calibration;

/// <summary>The calibration of one adjustable unlearner: its rungs so far, and what comes next.</summary>
/// <param name="plan">The unlearner and its trials.</param>
/// <param name="unlearner">The unlearner.</param>
/// <param name="reference">What it is calibrated to.</param>
/// <param name="checkReference">The same on the forget sets of the check.</param>
/// <param name="options">Options.</param>
internal sealed class StrengthCalibration(
    UnlearnerPlan plan, IAdjustableUnlearner unlearner, CalibrationReference reference, CalibrationReference checkReference, CalibrationOptions options)
{
    private readonly StrengthSearch _search = new(options);
    private readonly SortedDictionary<double, CalibrationMeasurement[]> _measured = [];
    private readonly int _sets = reference.ForgetSets.Count;
    private bool _isRefused;
    private bool _isStopped;
    private CalibrationMeasurement[] _check = [];

    /// <summary>The unlearner and its trials.</summary>
    public UnlearnerPlan Plan => plan;

    /// <summary>The forget sets that the next strength is tried on.</summary>
    public IReadOnlyList<int[]> ForgetSets => reference.ForgetSets;

    /// <summary>The forget sets that the chosen strength is checked on.</summary>
    public IReadOnlyList<int[]> CheckSets => checkReference.ForgetSets;

    /// <summary>Number of strengths that were tried.</summary>
    public int Tried => _measured.Count;

    /// <summary>The next strength; <see langword="null"/> if the search is over.</summary>
    public double? Next => _isRefused || _isStopped || reference.IsBelowNoise(_sets) ? null : _search.Next(Rungs());

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

    /// <summary>Ends the search: the calibration has no runs left for another strength.</summary>
    public void Stop() => _isStopped = true;

    /// <summary>
    /// The unlearner at the strength that the trials use, to be checked; <see langword="null"/> if there is nothing to check, or if the strength is known
    /// to fail.
    /// </summary>
    public IUnlearner? ToCheck
    {
        get
        {
            var strength = Choice().Rung?.Strength ?? 1;
            return Rungs().Find(rung => rung.Strength == strength) is { Failure: null } ? With(strength) : null;
        }
    }

    /// <summary>Takes note of the check.</summary>
    public void AddCheck(CalibrationMeasurement[] measurements) => _check = measurements;

    /// <summary>What was found.</summary>
    /// <param name="retrainings">Number of retrainings without each forget set.</param>
    public (UnlearnerPlan Plan, UnlearnerCalibration Calibration) Result(int retrainings)
    {
        var (verdict, rung) = Choice();
        var chosen = rung is null ? unlearner : unlearner.WithStrength(rung.Strength);
        var check = _check.Length == 0 ? null : checkReference.ToCheck(rung?.Strength ?? 1, _check);
        if (verdict == CalibrationVerdict.Reached && check is not null && !_search.IsGood(check.Rung))
            verdict = CalibrationVerdict.NotConfirmed;
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
            Rungs = Rungs(),
            Check = check,
            Options = options,
        };
        return (plan with { Unlearner = chosen }, result with { Explanation = CalibrationWords.Explain(result, _isStopped) });
    }

    private (CalibrationVerdict Verdict, CalibrationRung? Rung) Choice() => Rungs() is { Count: > 0 } rungs ? _search.Choose(rungs) : (WithoutRungs, null);

    private CalibrationVerdict WithoutRungs => reference.IsBelowNoise(_sets) ? CalibrationVerdict.BelowNoise
        : _isStopped ? CalibrationVerdict.TooFewTrials
        : CalibrationVerdict.NothingFits;

    private List<CalibrationRung> Rungs() => [.. _measured.Select(rung => reference.ToRung(rung.Key, rung.Value))];
}
