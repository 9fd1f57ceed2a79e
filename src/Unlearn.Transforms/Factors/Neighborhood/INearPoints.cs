namespace Unlearn.Transforms.Factors.Neighborhood;

/// <summary>An index that finds most of the nearest points without comparing all. Equal points in equal order give the same index.</summary>
internal interface INearPoints : IDisposable
{
    /// <summary>Adds the next point, of unit length.</summary>
    void Add(ReadOnlySpan<float> point);

    /// <summary>Ends the adding. Several threads may search from now on.</summary>
    void Complete();

    /// <summary>Finds points that are near.</summary>
    /// <param name="query">A point.</param>
    /// <param name="positions">Receives the places of the points in the order in which they were added.</param>
    /// <returns>The number of points that were found.</returns>
    int Find(ReadOnlySpan<float> query, Span<ulong> positions);
}
