using System.Globalization;
using System.IO.Compression;
using Spectre.Console;
using TorchSharp;
using Unlearn.Transforms.Factors;
using Unlearn.Transforms.Factors.Neighborhood;
using Unlearn.Transforms.Rows;
using Unlearn.USearch;

namespace Unlearn.Benchmarks.Rows;

/// <summary>Neighbors by the HNSW index and by comparing all rows: time, memory, and how many of the 20 nearest are found.</summary>
internal static class NeighborBenchmark
{
    private const int Queries = 200;
    private const int RowsAtOnce = 8192;
    private const int RowsOfCluster = 200;
    private const int ImageHeader = 16;
    private const int Pixels = 784;

    /// <param name="counts">Numbers of rows.</param>
    /// <param name="dimensions">Dimensions of a point.</param>
    /// <param name="data">What the points are: <c>clustered</c>, <c>random</c>, or the path of a file of images, idx3 packed by gzip.</param>
    public static int Run(int[] counts, int dimensions, string data)
    {
        torch.set_num_threads(1);
        Clock.CountsProcessorTime = true;
        HnswNeighbors.Register();
        var table = new Table().Title($"Neighbors, {data}, one thread").Border(TableBorder.Simple)
            .AddColumns("rows", "dimensions", "build s", "µs a row", "index MB", "search µs", "exact µs", "recall@20", "distance ratio");
        foreach (var count in counts)
            table.AddRow(Measure(count, dimensions, data));
        AnsiConsole.Write(table);
        return 0;
    }

    private static string[] Measure(int count, int dimensions, string data)
    {
        using var scope = torch.NewDisposeScope();
        using var points = Points(count, dimensions, data);
        var state = NeighborIndex.Of(points, HeldNumbersOf(count));
        var own = torch.tensor(Enumerable.Range(0, Queries).Select(query => (long)query * (count / Queries)).ToArray());
        var queries = points.Select(own);
        GC.Collect();
        PeakMemory.Reset();
        var before = PeakMemory.Megabytes;
        // The first search builds the index.
        var build = Clock.Seconds(() => ApproximateNeighbors.Run(queries.narrow(0, 0, 1), state, own.narrow(0, 0, 1)));
        var megabytes = PeakMemory.Megabytes - before;
        NeighborSearch? found = null, exact = null;
        var search = Clock.Seconds(() => found = ApproximateNeighbors.Run(queries, state, own));
        var exactly = Clock.Seconds(() => exact = NeighborSearch.Run(queries, state, own));
        DerivedOfState.Free(state);
        var nearest = exact!.NeighborLabels.data<long>().ToArray().Chunk(NeighborSearch.Neighbors);
        var recall = found!.NeighborLabels.data<long>().ToArray().Chunk(NeighborSearch.Neighbors)
            .Zip(nearest, (some, all) => (double)some.Intersect(all).Count() / all.Length)
            .Average();
        var ratio = found.MeanDistances().sum().item<float>() / exact.MeanDistances().sum().item<float>();
        Console.Error.WriteLine(Invariant($"{count} rows: built in {build:0.0} s, recall {recall:0.0000}"));
        return
        [
            Show(count, "N0"), Show(points.Width, "0"), Show(build, "0.0"), Show(build / count * 1e6, "0"), Show(megabytes, "0"),
            Show(search / Queries * 1e6, "0"), Show(exactly / Queries * 1e6, "0"), Show(recall, "0.0000"), Show(ratio, "0.0000"),
        ];
    }

    private static torch.Tensor HeldNumbersOf(int count) => torch.tensor(Enumerable.Range(0, count).Select(row => (long)row).ToArray());

    private static RowMatrix Points(int count, int dimensions, string data)
    {
        using var scope = torch.NewDisposeScope();
        using var generator = new torch.Generator(1);
        var clusters = Math.Max(1, count / RowsOfCluster);
        var centers = data == "clustered" ? torch.randn([clusters, dimensions], generator: generator) : null;
        using var images = centers is null && data != "random" ? Images(data) : null;
        var points = new RowMatrix(count, (images is null ? dimensions : Pixels) + 1, null);
        for (var start = 0; start < count; start += RowsAtOnce)
        {
            using var block = torch.NewDisposeScope();
            var size = Math.Min(RowsAtOnce, count - start);
            var values = images is null ? torch.randn([size, dimensions], generator: generator) : Read(images, size);
            if (centers is not null)
                values = values * 0.7f + centers.index_select(0, torch.randint(0, clusters, [size], torch.ScalarType.Int64, generator: generator));
            points.Add(NeighborIndex.UnitVectors(values));
        }
        return points;
    }

    private static GZipStream Images(string path)
    {
        var images = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        images.ReadExactly(new byte[ImageHeader]);
        return images;
    }

    private static torch.Tensor Read(GZipStream images, int count)
    {
        var bytes = new byte[count * Pixels];
        images.ReadExactly(bytes);
        return torch.tensor(Array.ConvertAll(bytes, value => (float)value), [count, Pixels]);
    }

    private static string Show(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
