using TorchSharp;
using Unlearn.Transforms.Factors.Influence;
using Unlearn.Transforms.MLNetModels.Trees;

namespace Unlearn.Transforms.Tests.Factors.Influence;

/// <summary>The slow, plain way: refits the leaf values of an ensemble of fixed structure from the rows, with one of them left out.</summary>
internal sealed class LeafRefit
{
    private readonly TreeEnsemble _ensemble;
    private readonly int[] _labels;
    private readonly long[][] _leaves;
    private readonly int[] _round;
    private readonly double[][] _probabilities;

    /// <param name="target">The trees.</param>
    /// <param name="features">Features of the rows that they were trained on.</param>
    /// <param name="labels">Classes of these rows.</param>
    public LeafRefit(TreeEnsembleTarget target, float[][] features, int[] labels)
    {
        using var scope = torch.NewDisposeScope();
        _ensemble = target.Ensemble;
        _labels = labels;
        _leaves = [.. features.Select(row => target.Leaves(torch.tensor(row, [1, row.Length])).data<long>().ToArray())];
        _round = [.. _ensemble.Scores.Select((score, tree) => _ensemble.Scores.Take(tree).Count(other => other == score))];

        var zeros = new double[_ensemble.Starts.Length];
        double[] priors = [.. zeros.Select((_, score) => Prior(ClassOf(score)))];
        (Start, Rate) = (_ensemble.IsBoosted ? new[] { zeros, priors } : [zeros])
            .Select(start => (Start: start, Fit: FitRate(Probabilities(start), start)))
            .OrderBy(candidate => candidate.Fit.FirstTreesError)
            .Select(candidate => (candidate.Start, candidate.Fit.Rate)).First();
        _probabilities = Probabilities(Start);
    }

    /// <summary>What the first trees hide of each score's start.</summary>
    public double[] Start { get; }

    public double Rate { get; }

    /// <summary>How far the scores move against the row's label, where the other rows keep their gradients.</summary>
    public double WithoutConsequences(int row) => Enumerable.Range(0, _ensemble.TreeCount).Sum(tree =>
        Rate * (Step(tree, _leaves[row][tree], OfModel(tree), -1) - Step(tree, _leaves[row][tree], OfModel(tree), row)) * (2 * Y(row, tree) - 1));

    /// <summary>The same of a single score, where each tree is refitted to the gradients that the refitted trees before it leave.</summary>
    public double WithConsequences(int row) => (Refit(row, -1) - Refit(row, row)) * (2 * Y(row, 0) - 1);

    // Log-odds of a row after all leaf values were refitted without another.
    private double Refit(int row, int without)
    {
        double[] scores = [.. Enumerable.Repeat(_ensemble.Starts[0] + Start[0], _labels.Length)];
        for (var tree = 0; tree < _ensemble.TreeCount; tree++)
        {
            var before = (double[])scores.Clone();
            for (var other = 0; other < scores.Length; other++)
                scores[other] += Rate * Step(tree, _leaves[other][tree], of => Sigmoid(before[of]), without);
        }
        return scores[row];
    }

    // The probability of its class that each tree meets in each row, by the model's own values: rows × trees.
    private double[][] Probabilities(double[] start) => [.. _leaves.Select(leaves => Enumerable.Range(0, _ensemble.TreeCount).Select(tree =>
    {
        double[] scores = [.. start.Select((hidden, score) => _ensemble.Starts[score] + (_round[tree] == 0 ? hidden : 0)
            + Enumerable.Range(0, _ensemble.TreeCount)
                .Where(other => _ensemble.Scores[other] == score && _round[other] < _round[tree])
                .Sum(other => (double)_ensemble.LeafValues[leaves[other]]))];
        return _ensemble.Link == TreeLink.Softmax ? Math.Exp(scores[_ensemble.Scores[tree]]) / scores.Sum(Math.Exp) : Sigmoid(scores[_ensemble.Scores[tree]]);
    }).ToArray())];

    private Func<int, double> OfModel(int tree) => row => _probabilities[row][tree];

    private double Step(int tree, long leaf, Func<int, double> probability, int without)
    {
        var (g, h, count) = Sums(tree, leaf, probability, without);
        return count == 0 ? 0 : -g / (h + LeafSums.Damping);
    }

    private (double G, double H, int Count) Sums(int tree, long leaf, Func<int, double> probability, int without)
    {
        var (g, h, count) = (0.0, 0.0, 0);
        for (var row = 0; row < _labels.Length; row++)
        {
            if (row == without || _leaves[row][tree] != leaf)
                continue;
            var p = probability(row);
            g += _ensemble.IsBoosted ? p - Y(row, tree) : 1 - 2 * Y(row, tree);
            h += _ensemble.IsBoosted ? p * (1 - p) : 1;
            count++;
        }
        return (g, h, count);
    }

    private (double Rate, double FirstTreesError) FitRate(double[][] probabilities, double[] start)
    {
        var leaves = new List<(int Tree, double Value, double G, double H)>();
        for (var tree = 0; tree < _ensemble.TreeCount; tree++)
            foreach (var leaf in _leaves.Select(row => row[tree]).Distinct())
            {
                var of = tree;
                var (g, h, _) = Sums(tree, leaf, row => probabilities[row][of], -1);
                leaves.Add((tree, _ensemble.LeafValues[leaf], g, h + LeafSums.Damping));
            }
        var later = leaves.Where(leaf => _round[leaf.Tree] > 0).ToList();
        var rate = -later.Sum(leaf => leaf.Value * leaf.H * leaf.G) / later.Sum(leaf => leaf.G * leaf.G);
        return (rate, leaves.Where(leaf => _round[leaf.Tree] == 0)
            .Sum(leaf => Math.Pow((leaf.Value - start[_ensemble.Scores[leaf.Tree]]) * leaf.H + leaf.G * rate, 2)));
    }

    private double Y(int row, int tree) => _labels[row] == ClassOf(_ensemble.Scores[tree]) ? 1 : 0;

    private int ClassOf(int score) => _ensemble.Link == TreeLink.LogOdds ? 1 : score;

    private double Prior(int ofClass)
    {
        var share = _labels.Count(label => label == ofClass) / (double)_labels.Length;
        return Math.Log(_ensemble.Link == TreeLink.Softmax ? share : share / (1 - share));
    }

    private static double Sigmoid(double score) => 1 / (1 + Math.Exp(-score));
}
