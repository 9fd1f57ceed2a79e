namespace Unlearn.MLNet.Hardness.CrossValidation;

/// <summary>Union-find over the numbers 0 to count − 1; joining is thread-safe, and the resulting sets do not depend on the order of joins.</summary>
internal sealed class DisjointSets(int count)
{
    private readonly int[] _parents = [.. Enumerable.Range(0, count)];
    private readonly Lock _lock = new();

    /// <summary>Puts two members and all that are connected to them into one set.</summary>
    public void Join(int a, int b)
    {
        lock (_lock)
        {
            (a, b) = (Root(a), Root(b));
            _parents[Math.Max(a, b)] = Math.Min(a, b);
        }
    }

    /// <summary>Whether two members are known to share a set. Takes no lock: a join that is under way may be missed, none is invented.</summary>
    public bool Joined(int a, int b)
    {
        return Ancestor(a) == Ancestor(b);

        int Ancestor(int member)
        {
            for (int parent; (parent = Volatile.Read(ref _parents[member])) != member; member = parent)
            {
            }

            return member;
        }
    }

    /// <summary>The set of each member, numbered from 0 in order of first appearance.</summary>
    public int[] Numbers()
    {
        var numbers = new int[_parents.Length];
        var next = 0;
        for (var i = 0; i < numbers.Length; i++)
        {
            // The root is a set's smallest member, so it has its number already.
            var root = Root(i);
            numbers[i] = root == i ? next++ : numbers[root];
        }

        return numbers;
    }

    private int Root(int member)
    {
        while (_parents[member] != member)
            member = _parents[member] = _parents[_parents[member]];

        return member;
    }
}
