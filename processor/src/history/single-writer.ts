/**
 * Assigns every partition to one member, the others stand by: a planned insert
 * covers many partitions under one token, so it must never be split between
 * two writers. The first member by id writes until it leaves.
 */
import { AssignerProtocol, type PartitionAssigner } from "kafkajs";

const name = "riskwall-single-writer";
const version = 0;
const userData = Buffer.alloc(0);

export const singleWriter: PartitionAssigner = ({ cluster }) => ({
  name,
  version,
  assign: ({ members, topics }) => {
    const writer = members.map((member) => member.memberId).sort()[0];
    const all = Object.fromEntries(
      topics.map((topic) => [
        topic,
        cluster
          .findTopicPartitionMetadata(topic)
          .map((partition) => partition.partitionId),
      ]),
    );
    return Promise.resolve(
      members.map(({ memberId }) => ({
        memberId,
        memberAssignment: AssignerProtocol.MemberAssignment.encode({
          version,
          assignment: memberId === writer ? all : {},
          userData,
        }),
      })),
    );
  },
  protocol: ({ topics }) => ({
    name,
    metadata: AssignerProtocol.MemberMetadata.encode({
      version,
      topics,
      userData,
    }),
  }),
});
