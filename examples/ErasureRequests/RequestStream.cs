using TorchSharp;
using Unlearn.Transforms;

namespace Unlearn.Examples.ErasureRequests;

/// <summary>Draws a stream of erasure requests: no row occurs in two of them.</summary>
internal static class RequestStream
{
    public const int DueAfter = 30;
    private const double PersonShare = 0.25;
    private const double ClassShare = 0.02;
    private const int SmallestPerson = 2;
    private const int PersonSizes = 3;
    private const int RowsPerClassRow = 120; // a class request has this part of the training rows

    /// <summary>Draws a stream.</summary>
    /// <param name="rows">The training rows.</param>
    /// <param name="target">The target: rows near each other are near in its representation.</param>
    /// <param name="pool">Positions of the rows that may be requested.</param>
    /// <param name="count">Number of requests.</param>
    /// <param name="seed">Seed.</param>
    /// <exception cref="ArgumentException">The pool has too few rows.</exception>
    public static IReadOnlyList<StreamRequest> Draw(TrainingRows rows, ITarget target, IReadOnlyList<int> pool, int count, long seed)
    {
        var random = new SeededRandom(seed);
        var classSize = Math.Max(SmallestPerson, rows.Count / RowsPerClassRow);
        RequestKind[] kinds =
        [
            .. Enumerable.Range(0, count).Select(i => i < Math.Round(ClassShare * count) ? RequestKind.Class
                : i < Math.Round((ClassShare + PersonShare) * count) ? RequestKind.Person
                : RequestKind.Row),
        ];
        random.Shuffle<RequestKind>(kinds);
        var left = pool.ToArray();
        random.Shuffle<int>(left);
        List<int> free = [.. left];
        using var directions = Directions(rows, target);
        return [.. kinds.Select((kind, number) => new StreamRequest(number, number + DueAfter, kind, Take(kind)))];

        int[] Take(RequestKind kind)
        {
            if (free.Count == 0)
                throw new ArgumentException($"{count} requests need more rows than the {pool.Count} that may be requested: ask for more --rows, "
                    + "or for fewer --requests.");
            var first = free[^1];
            var size = kind switch { RequestKind.Row => 1, RequestKind.Class => classSize, _ => SmallestPerson + random.Next(PersonSizes) };
            var ofClass = free.Where(row => rows.LabelAt(row) == rows.LabelAt(first)).ToList();
            var taken = kind == RequestKind.Person ? Nearest(first, ofClass, size) : ofClass.AsEnumerable().Reverse().Take(size);
            int[] result = [.. taken.Order()];
            free.RemoveAll(row => Array.BinarySearch(result, row) >= 0);
            return result;
        }

        IEnumerable<int> Nearest(int first, List<int> candidates, int size)
        {
            using var scope = torch.NewDisposeScope();
            var others = directions.index_select(0, torch.tensor(candidates.ConvertAll(row => (long)row).ToArray()));
            var similarities = others.matmul(directions[first]).data<float>().ToArray();
            return [.. Enumerable.Range(0, candidates.Count)
                .OrderByDescending(i => candidates[i] == first ? float.PositiveInfinity : similarities[i])
                .Take(size)
                .Select(i => candidates[i])];
        }
    }

    private static torch.Tensor Directions(TrainingRows rows, ITarget target)
    {
        using var embedded = target.Embed(rows.Features);
        return torch.nn.functional.normalize(embedded, dim: 1);
    }
}
