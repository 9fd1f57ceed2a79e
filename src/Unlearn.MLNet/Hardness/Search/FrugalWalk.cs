using Unlearn.Transforms;

namespace Unlearn.MLNet.Hardness.Search;

/// <summary>
/// A walk through the unit cube that only compares scores: a step in a random direction, else the opposite one. Steps shrink where neither helps, and a
/// walk that has come to rest begins anew at a random point. After FLOW² (Wu, Wang and Huang, "Frugal Optimization for Cost-related Hyperparameters",
/// AAAI 2021, Algorithm 1), whose first step is longer.
/// </summary>
/// <remarks>Steps are at most half of the cube's side long. A walk from a cheap point tries cheap ones first, since steps are short beside the cube.</remarks>
internal sealed class FrugalWalk
{
    private const double FirstStep = 0.5;
    private const double LastStep = 0.02;

    private readonly SeededRandom _random;
    private readonly int _patience;
    private double[] _place;
    private double[] _direction;
    private double _best = double.NegativeInfinity;
    private double _step = FirstStep;
    private bool _isOpposite;
    private int _failures;
    private int _turns;
    private int _bestTurn;

    public FrugalWalk(double[] start, long seed)
    {
        _random = new SeededRandom(seed);
        _place = start;
        _direction = new double[start.Length];
        _patience = 1 << (start.Length - 1);
    }

    /// <summary>The point to try next; <see cref="Tell"/> follows.</summary>
    public double[] Propose()
    {
        if (double.IsNegativeInfinity(_best))
            return _place;
        if (!_isOpposite)
            _direction = Direction();
        return Step();
    }

    /// <summary>Takes the score of the proposed point: the higher, the better.</summary>
    public void Tell(double score)
    {
        _turns++;
        if (double.IsNegativeInfinity(_best))
            _best = score;
        else if (score > _best)
        {
            (_place, _best, _bestTurn) = (Step(), score, _turns);
            (_isOpposite, _failures) = (false, 0);
        }
        else if (!_isOpposite)
            _isOpposite = true;
        else
            Fail();
    }

    private void Fail()
    {
        _isOpposite = false;
        if (++_failures < _patience)
            return;
        _failures = 0;
        _step *= Math.Sqrt((_bestTurn + 1.0) / (_turns + 1.0));
        if (_step >= LastStep)
            return;
        _place = [.. _place.Select(_ => _random.NextDouble())];
        (_best, _step, _turns, _bestTurn) = (double.NegativeInfinity, FirstStep, 0, 0);
    }

    private double[] Step() => [.. _place.Zip(_direction, (x, u) => Math.Clamp(x + (_isOpposite ? -_step : _step) * u, 0, 1))];

    private double[] Direction()
    {
        double[] normal = [.. _place.Select(_ => _random.NextNormal())];
        var length = Math.Sqrt(normal.Sum(x => x * x));
        return [.. normal.Select(x => x / length)];
    }
}
