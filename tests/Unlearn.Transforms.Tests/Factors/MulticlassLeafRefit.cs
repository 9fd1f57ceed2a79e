using TorchSharp;
using Unlearn.Transforms.Factors;
using Unlearn.Transforms.Targets;
using Unlearn.Transforms.Targets.Trees;

namespace Unlearn.Transforms.Tests.Factors;

/// <summary>The slow, plain way for several classes: refits the values of the leaves from the rows, with one of them left out, one row and one tree at a time.</summary>
internal sealed class MulticlassLeafRefit
{
    private readonly TreeEnsemble _ensemble;
    private readonly int[] _labels;
    private readonly long[][] _leaves;
    private readonly double[] _start;
    private readonly double _rate;

    public MulticlassLeafRefit(TreeEnsembleTarget target, float[][] features, int[] labels)
    {
        using var scope = torch.NewDisposeScope();
        _ensemble = target.Ensemble;
        _labels = labels;
        _leaves = [.. features.Select(row => target.Leaves(torch.tensor(row, [1, row.Length])).data<long>().ToArray())];
        var zeros = new double[target.ClassCount];
        var shares = zeros.Select((_, k) => (double)labels.Count(label => label == k) / labels.Length).ToArray();
        double[] priors = [.. shares.Select(share => Math.Log(_ensemble.Link == TreeLink.Softmax ? share : share / (1 - share)))];
        (_start, _rate) = new[] { zeros, priors }.Select(start => (Start: start, Rate: Rate(start))).MinBy(fit => ErrorOfFirstTrees(fit.Start, fit.Rate));
    }

    public bool HidesStart => _start[0] != 0;

    public double LearningRate => _rate;

    /// <summary>How far the scores move against the row's label, where the other rows keep their gradients.</summary>
    public double Influence(int row) => Enumerable.Range(0, _ensemble.TreeCount).Sum(tree =>
        (_labels[row] == _ensemble.Scores[tree] ? 1 : -1) * _rate * (Step(tree, _leaves[row][tree], _start, without: -1) - Step(tree, _leaves[row][tree], _start, row)));

    private double Step(int tree, long leaf, double[] start, int without)
    {
        var (g, h, count) = Sums(tree, leaf, start, without);
        return count == 0 ? 0 : -g / (h + LeafSums.Damping);
    }

    private (double G, double H, int Count) Sums(int tree, long leaf, double[] start, int without)
    {
        var (g, h, count) = (0.0, 0.0, 0);
        for (var row = 0; row < _labels.Length; row++)
        {
            if (row == without || _leaves[row][tree] != leaf)
                continue;
            var p = Probability(row, tree, start);
            g += p - (_labels[row] == _ensemble.Scores[tree] ? 1 : 0);
            h += p * (1 - p);
            count++;
        }
        return (g, h, count);
    }

    private double Probability(int row, int tree, double[] start)
    {
        var (own, round) = (_ensemble.Scores[tree], Round(tree));
        if (_ensemble.Link != TreeLink.Softmax)
            return 1 / (1 + Math.Exp(-ScoreBefore(row, own, round, start)));
        var all = Enumerable.Range(0, start.Length).Select(score => Math.Exp(ScoreBefore(row, score, round, start))).ToList();
        return all[own] / all.Sum();
    }

    private double ScoreBefore(int row, int score, int round, double[] start) => _ensemble.Starts[score] + (round == 0 ? start[score] : 0)
        + Enumerable.Range(0, _ensemble.TreeCount).Where(tree => _ensemble.Scores[tree] == score && Round(tree) < round).Sum(tree => (double)_ensemble.LeafValues[_leaves[row][tree]]);

    private int Round(int tree) => Enumerable.Range(0, tree).Count(other => _ensemble.Scores[other] == _ensemble.Scores[tree]);

    private double Rate(double[] start)
    {
        var terms = Leaves(start, isFirst: false).ToList();
        return -terms.Sum(leaf => leaf.Value * leaf.H * leaf.G) / terms.Sum(leaf => leaf.G * leaf.G);
    }

    private double ErrorOfFirstTrees(double[] start, double rate) => Leaves(start, isFirst: true).Sum(leaf => Math.Pow((leaf.Value - start[leaf.Score]) * leaf.H + rate * leaf.G, 2));

    private IEnumerable<(int Score, double Value, double G, double H)> Leaves(double[] start, bool isFirst) =>
        from tree in Enumerable.Range(0, _ensemble.TreeCount)
        where Round(tree) == 0 == isFirst
        from leaf in _leaves.Select(row => row[tree]).Distinct()
        let sums = Sums(tree, leaf, start, without: -1)
        select (_ensemble.Scores[tree], (double)_ensemble.LeafValues[leaf], sums.G, sums.H + LeafSums.Damping);
}
