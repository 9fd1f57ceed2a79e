namespace Unlearn.Examples.ErasureRequests;

/// <summary>How large a value study is.</summary>
/// <param name="Requests">Requests of the stream.</param>
/// <param name="Coverage">How often each half of the label trials forgets each row.</param>
/// <param name="JudgeModels">Judging models of each of the stream's four stages.</param>
/// <param name="Seed">Root seed.</param>
/// <param name="Workers">Label trials and judging models at once, a core each; all that policies are charged for runs alone.</param>
internal sealed record ValueSettings(int Requests, int Coverage, int JudgeModels, int Seed, int Workers)
{
    /// <summary>1 − α of the bounds.</summary>
    public const double Confidence = 0.9;

    /// <summary>Share of the rows that a label trial forgets: about what the whole stream erases.</summary>
    public const double ForgetShare = 0.1;

    /// <summary>Models that an audit trains if there is no pool.</summary>
    public const int AuditModels = 8;

    /// <summary>Reference models of tier T3 light.</summary>
    public const int ReferenceModels = 4;

    /// <summary>Label trials and judging models that are trained at once as one stacked model.</summary>
    public const int Stack = 10;
}
