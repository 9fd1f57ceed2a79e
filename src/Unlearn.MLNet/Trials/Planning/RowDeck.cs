using Unlearn.Transforms;

namespace Unlearn.MLNet.Trials.Planning;

/// <summary>Deals groups of rows from one shuffled deck of all rows after the other, so that all rows are dealt equally often, give or take one.</summary>
/// <param name="rows">Positions of the rows.</param>
/// <param name="seedOf">Seed of the n-th shuffle.</param>
internal sealed class RowDeck(IReadOnlyList<int> rows, Func<int, long> seedOf)
{
    private readonly Queue<int> _deck = new();
    private int _shuffles;

    /// <summary>How often the row that was dealt least often was dealt: once a shuffle, unless it is still in the deck.</summary>
    public int MinimumCoverage => _deck.Count == 0 ? _shuffles : _shuffles - 1;

    /// <summary>Deals a group of different rows; fewer than all.</summary>
    public IReadOnlyCollection<int> Deal(int count)
    {
        var group = new HashSet<int>(count);
        var repeated = new List<int>();
        while (group.Count < count)
        {
            if (_deck.Count == 0)
                Shuffle();
            var row = _deck.Dequeue();
            if (!group.Add(row))
                repeated.Add(row);
        }
        foreach (var row in repeated)
            _deck.Enqueue(row);
        return group;
    }

    private void Shuffle()
    {
        int[] shuffled = [.. rows];
        new SeededRandom(seedOf(_shuffles++)).Shuffle<int>(shuffled);
        foreach (var row in shuffled)
            _deck.Enqueue(row);
    }
}
